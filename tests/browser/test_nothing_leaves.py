"""What is promised in SECURITY.md: a visitor's browser asks the app's own server, and nobody else."""

from playwright.sync_api import expect
from test_draw import answer, draw_with_mouse

PAGES = {
    "read": "Read a number",
    "teach": "Teach it my hand",
    "explain": "Why this answer?",
    "robustness": "Try to break it",
    "learn": "How it works",
    "models": "Models",
}


def test_no_page_asks_another_server(page, server):
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("ws:", "http:")))
    page.reload()
    draw_with_mouse(page, 3, 180, 50, 50)
    expect(answer(page)).to_contain_text("3")
    for path, name in PAGES.items():
        page.get_by_role("link", name=name).click()
        page.wait_for_url(f"**/{path}")
        page.get_by_test_id("stStatusWidget").wait_for(state="detached")
        page.wait_for_load_state("networkidle")
    own = (server, "data:", "blob:")
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith(own)] == []
