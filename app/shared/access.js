// What Streamlit has no setting for, for people who cannot see or cannot use a mouse: answers are said, a canvas
// has a name and a pen that arrows move, a picture can be pasted, focus is not lost, and a file that is refused
// does not leave the answer to the one before. Runs once per tab.
(() => {
  if (window.digitsAccess) return;
  window.digitsAccess = true;

  const SAID = ["kept", "guided_hint", "answer", "status", "guided_ask"].map((key) => `.st-key-${key}`);
  const QUIET = 350; // milliseconds without a change until what is on the page is said
  const STEPS = 28; // of the pen, from the top of a canvas to its foot
  const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const NAME = "Canvas. Draw with mouse, pen or finger. By keyboard: arrows move the pen, two at once slantwise, " +
    "Space puts it down and lifts it.";

  // ---- said ----

  const region = document.createElement("div");
  region.className = "unseen";
  region.setAttribute("role", "status");
  document.body.append(region);
  let last = "";

  function say() {
    const words = SAID.flatMap((place) => [...document.querySelectorAll(place)])
      .filter((node) => !node.parentElement.closest(SAID.join()))
      .map((node) => spoken(node)).filter(Boolean).join(". ");
    if (words && words !== last) region.textContent = words;
    last = words || last;
  }

  // Without icons, whose names are their text.
  function spoken(node) {
    const copy = node.cloneNode(true);
    copy.querySelectorAll("[data-testid=stIconMaterial], [role=img], style, script").forEach((icon) => icon.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  // ---- a pen for the keyboard ----

  function canvases() {
    return [...document.querySelectorAll(".st-key-canvas *")].filter((node) => node.shadowRoot)
      .flatMap((node) => [...node.shadowRoot.querySelectorAll("canvas.upper-canvas")]);
  }

  function equip(canvas) {
    if (canvas.dataset.pen) return;
    canvas.dataset.pen = "up";
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", NAME);
    const mark = document.createElement("span");
    Object.assign(mark.style, { position: "absolute", width: "14px", height: "14px", margin: "-9px", zIndex: 9,
      border: "2px solid #4338ca", outline: "2px solid #fff", borderRadius: "50%", pointerEvents: "none" });
    mark.style.display = "none";
    canvas.parentElement.append(mark);
    const held = new Set();
    let at = [0.5, 0.5];

    const send = (kind, target = canvas) => {
      const box = canvas.getBoundingClientRect();
      target.dispatchEvent(new MouseEvent(kind, { bubbles: true, composed: true, cancelable: true, view: window,
        button: 0, buttons: kind === "mouseup" ? 0 : 1,
        clientX: box.left + at[0] * box.width, clientY: box.top + at[1] * box.height }));
    };
    const place = () => {
      Object.assign(mark.style, { left: `${at[0] * canvas.clientWidth}px`, top: `${at[1] * canvas.clientHeight}px`,
        background: canvas.dataset.pen === "down" ? "#ea580c" : "transparent", display: "block" });
    };
    const put = (down) => {
      if (down === (canvas.dataset.pen === "down")) return;
      canvas.dataset.pen = down ? "down" : "up";
      send(down ? "mousedown" : "mouseup", down ? canvas : document);
      region.textContent = down ? "Pen down" : "Pen up";
      place();
    };
    canvas.addEventListener("focus", place);
    canvas.addEventListener("blur", () => {
      put(false);
      held.clear();
      mark.style.display = "none";
    });
    canvas.addEventListener("keyup", (event) => held.delete(event.key));
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " " || event.key === "Escape") {
        put(event.key === " " && canvas.dataset.pen === "up");
      } else if (WAYS[event.key]) {
        held.add(event.key);
        const step = [canvas.clientHeight / canvas.clientWidth / STEPS, 1 / STEPS];
        for (const key of held) at = at.map((value, i) => Math.min(0.98, Math.max(0.02, value + WAYS[key][i] * step[i])));
        if (canvas.dataset.pen === "down") send("mousemove");
        place();
      } else {
        return;
      }
      event.preventDefault();
    });
  }

  // ---- files ----

  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const input = [...document.querySelectorAll("[data-testid=stFileUploader] input[type=file]")]
      .find((one) => !one.closest("details:not([open])"));
    if (!files.length || !input || event.target.closest?.("input:not([type=file]), textarea")) return;
    const brought = new DataTransfer();
    for (const file of input.multiple ? files : files.slice(0, 1)) brought.items.add(file);
    input.files = brought.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    event.preventDefault();
  });

  // Where one file is asked for, the last one counts: one that is refused would leave the answer to the one before.
  function lastFile(place) {
    const input = place.querySelector("input[type=file]");
    const chips = [...place.querySelectorAll("[data-testid=stFileChip]")];
    const isRefused = (chip) => chip.getAttribute("aria-invalid") === "true";
    if (!input || input.multiple || !chips.some(isRefused)) return;
    for (const chip of chips.slice(0, -1)) {
      if (chip.dataset.gone) continue;
      chip.dataset.gone = "yes";
      chip.querySelector("[data-testid=stFileChipDeleteBtn] button")?.click();
    }
  }

  // ---- what is mended whenever the page has changed ----

  let focused = null;
  let around = [];
  document.addEventListener("focusin", (event) => {
    focused = event.target;
    around = [];
    for (let node = focused; node; node = node.parentElement) {
      const key = [...node.classList].find((name) => name.startsWith("st-key-"));
      if (key) around.push(`.${CSS.escape(key)}`);
    }
  });

  // Where what had the focus is gone, as a choice is once it is made: on to what stands in its place.
  function keepFocus() {
    if (!focused || focused.isConnected || document.activeElement !== document.body) return;
    const reachable = "button:not(:disabled), [href], input:not(:disabled), [tabindex='0']";
    for (const place of around) {
      const next = document.querySelector(place)?.querySelector(reachable);
      if (next) return next.focus({ preventScroll: true });
    }
  }

  function mend() {
    canvases().forEach(equip);
    // A name on what says that it means nothing.
    document.querySelectorAll("[data-testid=stFileUploaderDropzone][role=presentation]")
      .forEach((node) => node.setAttribute("role", "group"));
    document.querySelectorAll("[data-testid=stFileUploader]").forEach(lastFile);
    keepFocus();
  }

  let quiet;
  new MutationObserver(() => {
    mend();
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      const runs = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";
      if (runs) return; // its end is a change too
      mend();
      say();
    }, QUIET);
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributeFilter: ["data-test-script-state"] });
  for (let tries = 1; tries <= 50; tries++) setTimeout(mend, 100 * tries); // a canvas in a shadow changes nothing outside
})();
