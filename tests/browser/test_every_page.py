"""What holds for every page and part: it fits on a phone, and asks no server but its own (SECURITY.md)."""

from hands import answer, draw_with_mouse, go_to, settle
from playwright.sync_api import expect

PARTS = {
    "Read numbers, tables, forms": [],
    "Teach it my hand": ["My digits", "On screen", "On paper", "Teach"],
    "Why this answer?": ["Where it looks", "Inside", "Look-alikes", "What would change its mind"],
    "Try to break it": ["Damage", "Attack", "Sweep"],
    "Models": ["Leaderboard", "Mistakes", "Cards"],
}


def expect_to_fit(page):
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert ":material/" not in page.locator("body").inner_text()
    for table in page.locator("table.numbers").all():
        box = table.bounding_box()
        assert box["x"] + box["width"] <= 360


def test_every_page_fits_on_a_phone_and_asks_no_other_server(phone, server):
    asked = []
    phone.context.on("request", lambda request: asked.append(request.url))
    phone.on("websocket", lambda socket: asked.append(socket.url.replace("ws:", "http:")))
    phone.reload()
    draw_with_mouse(phone, 3)
    expect(answer(phone)).to_contain_text("3")
    expect_to_fit(phone)
    for name, parts in PARTS.items():
        go_to(phone, name)
        expect_to_fit(phone)
        for part in parts:
            phone.get_by_role("radio", name=part, exact=True).click()
            expect_to_fit(phone)
    go_to(phone, "How it works")
    for step in range(1, 9):
        phone.get_by_text(f"Step {step} of 8").wait_for()
        expect_to_fit(phone)
        if step < 8:
            phone.get_by_role("button", name="Next").click()
    phone.wait_for_load_state("networkidle")
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []
