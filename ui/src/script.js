// What the pages of all hosts do besides drawing: files that are pasted or dropped go to /upload, and keys that are
// pressed while nothing has the keyboard reach the screens. Nothing that comes from others is ever run or made HTML.

const LIMITS = document.body.dataset;

// The whole page speaks the language of its screens.
new MutationObserver(() => {
  const [page, screens] = [document.documentElement, document.querySelector(".kith[lang]")];
  if (screens && page.lang !== screens.lang) [page.lang, page.dir] = [screens.lang, screens.dir];
}).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["lang"] });

function say(node, text) {
  node.value = text;
  node.dispatchEvent(new Event("input", { bubbles: true }));
}

// Posts each file; what came of it, {"started":N} and then {"hash"} or {"error"} for each, goes into the hidden input
// beside the file input.
async function give(input, files) {
  const all = () => Array.from(document.querySelectorAll("input[data-uploaded]"));
  const answer = input.parentElement?.querySelector("input[data-uploaded]");
  const nth = all().indexOf(answer);
  const tell = (told) => {
    // After a lost connection the page is a new one.
    const target = answer?.isConnected ? answer : all()[nth];
    if (target) say(target, JSON.stringify(told));
  };
  if (files.length > 0) tell({ started: files.length });
  for (const file of files) tell(await post(file, input.dataset.upload));
}

// `kind`: what the input's `data-upload` says.
async function post(file, kind) {
  if (file.size > Number(LIMITS.uploadBytes)) return { error: LIMITS.tooLarge };
  try {
    // Its bytes, not the file: WebKitGTK ends the whole window when a file is posted to a protocol of the window's own.
    const body = await file.arrayBuffer();
    const asked = [];
    const apart = document.querySelector(".kith")?.dataset.apart;
    if (apart) asked.push(`as=${apart}`);
    if (kind === "sealed") asked.push("sealed=true", `name=${encodeURIComponent(file.name ?? "")}`);
    if (kind === "code") asked.push("code=true");
    const place = asked.length > 0 ? `/upload?${asked.join("&")}` : "/upload";
    const answer = await fetch(place, {
      method: "POST", body, headers: { "Content-Type": file.type || "application/octet-stream" },
    });
    const told = await answer.json();
    if (typeof told.text === "string") return { text: told.text };
    return typeof told.hash === "string" ? { hash: told.hash } : { error: String(told.error), why: told.why };
  } catch {
    return { error: LIMITS.cutOff };
  }
}

// --- pasted and dropped pictures ---

const brings = (transfer) => Array.from(transfer?.types ?? []).includes("Files");

// The place for pictures around `node`, else the first that is on the screen.
function placeFor(node) {
  const near = node instanceof Element ? node.closest("[data-drop]") : null;
  const seen = (place) => place.getClientRects().length > 0 && getComputedStyle(place).visibility === "visible";
  return near ?? Array.from(document.querySelectorAll("[data-drop]")).find(seen) ?? null;
}

// Its own: a place may hold others.
function inputOf(place) {
  const all = place?.querySelectorAll("input[data-upload]") ?? [];
  return Array.from(all).find((input) => input.closest("[data-drop]") === place) ?? null;
}

addEventListener("paste", (event) => {
  const field = event.target instanceof Element && event.target.matches("input, textarea");
  const place = field ? event.target.closest("[data-drop]") : placeFor(event.target);
  const input = inputOf(place);
  const brought = event.clipboardData;
  if (!input || !brought) return;
  // WebKitGTK says nothing of pictures in the event; asked afterwards, it hands them out.
  if (brought.types.length === 0) {
    clipboardPictures().then((files) => { if (files.length > 0) give(input, files); }, () => {});
    return;
  }
  const any = input.dataset.upload === "sealed";
  const files = Array.from(brought.files).filter((file) => any || file.type.startsWith("image/"));
  // Text editors put a picture of the text beside it.
  if (files.length === 0 || brought.getData("text/plain") !== "") return;
  event.preventDefault();
  give(input, files);
});

async function clipboardPictures() {
  const items = await navigator.clipboard?.read?.() ?? [];
  const pictures = items.flatMap((item) => {
    const type = item.types.find((type) => type.startsWith("image/"));
    return type ? [item.getType(type)] : [];
  });
  return Promise.all(pictures);
}

function mark(place) {
  for (const old of document.querySelectorAll("[data-dragging]")) if (old !== place) delete old.dataset.dragging;
  if (place) place.dataset.dragging = "true";
}

addEventListener("dragover", (event) => {
  if (!brings(event.dataTransfer)) return;
  // A file that is dropped beside its place would replace the page.
  event.preventDefault();
  const place = placeFor(event.target);
  event.dataTransfer.dropEffect = place ? "copy" : "none";
  mark(place);
});

addEventListener("dragleave", (event) => { if (event.relatedTarget === null) mark(null); });

addEventListener("drop", (event) => {
  if (!brings(event.dataTransfer)) return;
  event.preventDefault();
  mark(null);
  const input = inputOf(placeFor(event.target));
  if (input) give(input, Array.from(event.dataTransfer.files));
});

// --- the camera ---

// Where there is one (browsers tell it to pages of this device and of https only), `data-camera` shows its button. It is
// looked for once such a button is on the page: WebKitGTK loads all that plays and records for the question.
const cameras = navigator.mediaDevices;
async function lookForCamera() {
  const devices = await cameras.enumerateDevices();
  document.documentElement.toggleAttribute("data-camera", devices.some((device) => device.kind === "videoinput"));
}
const scanners = document.getElementsByClassName("scan-live");
if (cameras?.enumerateDevices) {
  const look = () => lookForCamera().catch(() => {});
  new MutationObserver((_, waits) => {
    if (scanners.length === 0) return;
    waits.disconnect();
    cameras.addEventListener("devicechange", look);
    look();
  }).observe(document, { subtree: true, childList: true });
}

const FRAME_PX = 1280;
const FRAME_PAUSE_MS = 150;
const FRAME_QUALITY = 0.9;
// The next frame may hold a code, or the node may have time for it.
const GO_ON = ["no_code", "several_codes", "busy"];
// So many frames one after the other may not arrive, as while the node starts anew.
const LOST_FRAMES = 20;
// Videos that show a camera, and which once it was given.
const filming = new Map();
const letGo = (video) => filming.get(video)?.getTracks().forEach((track) => track.stop());
const tellOf = (video, told) => {
  if (video.isConnected) say(video.parentElement.querySelector("input[data-uploaded]"), JSON.stringify(told));
};
const videos = document.getElementsByTagName("video");
new MutationObserver(() => {
  for (const video of filming.keys()) {
    if (video.isConnected) continue;
    letGo(video);
    filming.delete(video);
  }
  for (const video of videos) {
    if (!video.matches("[data-code]") || filming.has(video)) continue;
    filming.set(video, null);
    film(video);
  }
}).observe(document, { subtree: true, childList: true });

// Where nobody looks nothing is filmed.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) for (const video of filming.keys()) tellOf(video, { closed: true });
});

// Shows what the camera sees and gives one frame after the other to the node, until it finds a code or the video is
// gone; then the camera is let go.
async function film(video) {
  try {
    const camera = await cameras.getUserMedia({ video: { facingMode: "environment", width: { ideal: FRAME_PX } } });
    // It may have been given long after it was asked for.
    if (!filming.has(video) || document.hidden) {
      camera.getTracks().forEach((track) => track.stop());
      return tellOf(video, { closed: true });
    }
    filming.set(video, camera);
    camera.getVideoTracks()[0].addEventListener("ended", () => tellOf(video, { error: LIMITS.noCamera }));
    [video.muted, video.srcObject] = [true, camera];
    await video.play();
    const canvas = document.createElement("canvas");
    for (let lost = 0; filming.has(video);) {
      const frame = await frameOf(video, canvas);
      const told = frame ? await post(frame, "code") : { why: "no_code" };
      lost = told.error === LIMITS.cutOff ? lost + 1 : 0;
      if (lost === 0 ? !GO_ON.includes(told.why) : lost > LOST_FRAMES) return tellOf(video, told);
      await new Promise((done) => setTimeout(done, FRAME_PAUSE_MS));
    }
  } catch {
    tellOf(video, { error: LIMITS.noCamera });
  } finally {
    letGo(video);
  }
}

// A picture of what a video shows now; none before its first frame.
function frameOf(video, canvas) {
  const sides = [video.videoWidth, video.videoHeight];
  if (sides.includes(0)) return null;
  const small = Math.min(1, FRAME_PX / Math.max(...sides));
  [canvas.width, canvas.height] = sides.map((side) => Math.max(1, side * small));
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", FRAME_QUALITY));
}

// --- the keyboard ---

// A key that works everywhere, also while one types: nobody else gets it. On a Mac Ctrl and a letter edit text.
const onMac = /Mac|iP(hone|ad|od)/.test(navigator.platform);
addEventListener("keydown", (event) => {
  const { key, code, altKey, shiftKey, isComposing } = event;
  const [held, other] = onMac ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (!held || other || altKey || shiftKey || isComposing) return;
  const letter = /^[\x21-\x7e]$/.test(key) ? key.toLowerCase() : code.replace(/^Key/, "").toLowerCase();
  const to = document.querySelector(`input[data-chord="${CSS.escape(letter)}"]`);
  if (!to) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!event.repeat) say(to, String(Number(to.value) + 1));
}, true);

// What had it last, outside of menus and questions: it gets it back when they go.
let opener = null;
// What has it inside of one.
let inside = null;
const LAYERS = "[role='menu'], [role='dialog']";

// Text that is opened to be edited is gone on with at its end, the first time.
const opened = new WeakSet();

addEventListener("focusin", (event) => {
  const field = event.target;
  if (field.matches("textarea[data-autofocus], input[data-autofocus]") && !opened.has(field)) {
    opened.add(field);
    // A field for something else than text has no caret.
    if (field.selectionStart !== null) field.setSelectionRange(field.value.length, field.value.length);
    field.scrollTop = field.scrollHeight;
  }
  inside = event.target.closest(LAYERS) ? event.target : null;
  if (!inside) opener = event.target;
});

// They went: it goes back at once, where nothing else took it. Else the next key brings it back, as it does below.
new MutationObserver(() => {
  if (!inside || inside.isConnected || document.querySelector(LAYERS)) return;
  inside = null;
  if (document.activeElement === document.body && opener?.isConnected) opener.focus({ preventScroll: true });
}).observe(document.body, { subtree: true, childList: true });

addEventListener("keydown", (event) => {
  if (event.target !== document.body && event.target !== document.documentElement) return;
  // Another screen may cover what had it; then the page itself takes it. A text field that was left takes no keys.
  const next = [opener, document.querySelector(".kith")].find((node) => {
    if (!node || node.matches("textarea, input:not([type='checkbox'], [type='radio'], [type='file'], [type='range'])")) return false;
    node.focus({ preventScroll: true });
    return document.activeElement === node;
  });
  if (!next || event.key === "Tab") return;
  const { key, code, ctrlKey, altKey, metaKey, shiftKey, isComposing, repeat } = event;
  next.dispatchEvent(new KeyboardEvent("keydown", {
    key, code, ctrlKey, altKey, metaKey, shiftKey, isComposing, repeat, bubbles: true,
  }));
}, true);

// The key that leads to the search would open the browser's own in some.
addEventListener("keydown", (event) => {
  const plain = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (plain && !event.target.closest?.("input, textarea")) event.preventDefault();
});

// --- completion ---

// A field inside `.completing` tells the input beside it where its caret is, and while there is a list hands over the
// keys that choose: neither the field nor the screen gets them then.
const completes = (field) => field instanceof HTMLTextAreaElement
  ? field.closest(".completing")?.querySelector("input[data-caret]") ?? null : null;
const offered = (field) => field.closest(".completing").querySelector("[role='listbox']");
const tellCaret = (field, to) => say(to, field.selectionStart === field.selectionEnd ? `caret ${field.selectionEnd}` : "away");

addEventListener("input", (event) => {
  const to = completes(event.target);
  if (to && !event.isComposing) tellCaret(event.target, to);
});

addEventListener("compositionend", (event) => {
  const to = completes(event.target);
  if (to) tellCaret(event.target, to);
});

document.addEventListener("selectionchange", () => {
  const field = document.activeElement;
  const to = completes(field);
  if (to && offered(field) && to.value !== `caret ${field.selectionEnd}`) tellCaret(field, to);
});

addEventListener("focusout", (event) => {
  const to = completes(event.target);
  if (to && to.value !== "away" && event.target.isConnected) say(to, "away");
});

addEventListener("keydown", (event) => {
  const to = completes(event.target);
  const chooses = ["ArrowDown", "ArrowUp", "Enter", "Tab", "Escape"].includes(event.key);
  const held = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (!to || !chooses || held || event.isComposing || event.keyCode === 229 || !offered(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  say(to, `key ${event.key}`);
}, true);

// A click takes an offer, and the field keeps the keyboard. One beside a question takes it from nobody.
addEventListener("mousedown", (event) => {
  if (event.target instanceof Element && event.target.closest(".offers, [role='listbox'], .veil")) event.preventDefault();
});

// A field above its list: keys that go through the list move no caret, and what is chosen is in sight.
addEventListener("keydown", (event) => {
  const goes = ["ArrowDown", "ArrowUp", "Home", "End", "Enter"].includes(event.key);
  if (goes && !event.isComposing && event.target.matches?.("input[role='combobox']")) event.preventDefault();
});
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const active = target.matches("input[role='combobox']") && target.getAttribute("aria-activedescendant");
    if (active) document.getElementById(active)?.scrollIntoView({ block: "nearest" });
  }
}).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["aria-activedescendant"] });

// Puts what was chosen in the place of the word, where that still stands there, in the field's own way of undoing.
function put(input) {
  const field = input.closest(".completing")?.querySelector("textarea");
  if (!field || !input.dataset.put) return;
  const asked = JSON.parse(input.dataset.put);
  const [from, to] = asked.caret ? [field.selectionStart, field.selectionEnd] : [asked.from, asked.to];
  const text = asked.text;
  if (!asked.caret && field.value.slice(from, to) !== asked.was) return;
  field.focus({ preventScroll: true });
  field.setSelectionRange(from, to);
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

new MutationObserver((changes) => changes.forEach((change) => put(change.target)))
  .observe(document, { subtree: true, attributes: true, attributeFilter: ["data-put"] });

// Where the caret stands in its field: a copy of the text up to there is laid out alike.
function caretBox(field, at) {
  const style = getComputedStyle(field);
  const copy = document.createElement("div");
  for (const name of ["direction", "fontFamily", "fontSize", "fontWeight", "fontStyle", "letterSpacing", "lineHeight",
    "paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "tabSize", "textAlign", "textIndent", "wordSpacing"]) {
    copy.style[name] = style[name];
  }
  Object.assign(copy.style, {
    position: "absolute", visibility: "hidden", top: "0", left: "0", boxSizing: "border-box", border: "0",
    width: `${field.clientWidth}px`, whiteSpace: "pre-wrap", overflowWrap: "break-word",
  });
  copy.textContent = field.value.slice(0, at);
  const mark = document.createElement("span");
  mark.textContent = "\u200b";
  copy.append(mark);
  document.body.append(copy);
  const box = {
    left: mark.offsetLeft + field.clientLeft, top: mark.offsetTop + field.clientTop - field.scrollTop, height: mark.offsetHeight,
  };
  copy.remove();
  return box;
}

// The list stands below the caret's line, else above it: on the screen, as what lies around the field would cut it.
function placeOffers(list) {
  const field = list.closest(".completing").querySelector("textarea");
  const frame = field.getBoundingClientRect();
  const caret = caretBox(field, field.selectionEnd);
  const line = frame.top + Math.min(Math.max(caret.top, 0), field.clientHeight - caret.height);
  const below = line + caret.height + 4;
  const above = line - 4 - list.offsetHeight;
  const up = below + list.offsetHeight > innerHeight && above > 0;
  const widest = Math.max(8, innerWidth - list.offsetWidth - 8);
  list.dataset.placed = up ? "above" : "below";
  list.style.top = `${up ? above : below}px`;
  list.style.left = `${Math.max(8, Math.min(frame.left + caret.left, widest))}px`;
}

const placeAll = () => document.querySelectorAll(".offers").forEach(placeOffers);
new MutationObserver((changes) => {
  if (changes.some((change) => change.target.closest?.(".completing"))) placeAll();
}).observe(document, { subtree: true, childList: true });
addEventListener("scroll", placeAll, true);
addEventListener("resize", placeAll);

// Enter sends what is written in a conversation, and Shift and Enter begin a line. Where one types on the screen there is
// a button to send, and Enter begins a line.
addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.("[data-enter]")) return;
  if (matchMedia("(hover: none) and (pointer: coarse)").matches) event.stopImmediatePropagation();
  else event.preventDefault();
}, true);

// How far this place's clocks are ahead of UTC, in minutes, for who asks: now, or at the time that it names.
new MutationObserver(() => {
  for (const asks of document.querySelectorAll("input[data-zone]")) {
    const at = asks.dataset.at ? new Date(Number(asks.dataset.at)) : new Date();
    if (asks.value === "") say(asks, String(-at.getTimezoneOffset()));
  }
}).observe(document, { subtree: true, childList: true });

// A time by this place's clocks: its field shows the one that `data-when` names, in ms, and the hidden field behind it gets
// the one that is chosen, or nothing. What somebody is typing stays as it is.
const chosenMs = (field) => new Date(field.value).getTime() || 0;
function showWhen() {
  for (const field of document.querySelectorAll("input[data-when]")) {
    const ms = Number(field.dataset.when);
    if (field === document.activeElement || chosenMs(field) === ms) continue;
    const at = new Date(ms);
    field.value = ms ? new Date(ms - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16) : "";
  }
}
new MutationObserver(showWhen)
  .observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-when"] });
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("input[data-when]")) return;
  const told = field.closest(".composer-when")?.querySelector("input[data-chosen]");
  if (told) say(told, String(chosenMs(field) || ""));
});

// What the page is called, and whether somebody looks at it. In a window that is so while it has the focus; in a browser
// while it is not covered by another page, as it may stand beside what one works at.
function tellHere() {
  const input = document.querySelector("input[data-here]");
  if (!input) return;
  if (document.title !== input.dataset.title) document.title = input.dataset.title;
  const seen = document.visibilityState === "visible" && (!("window" in LIMITS) || document.hasFocus());
  if (input.value !== String(seen)) say(input, String(seen));
}
new MutationObserver(tellHere)
  .observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-title"] });
document.addEventListener("visibilitychange", tellHere);
for (const change of ["focus", "blur"]) addEventListener(change, tellHere);

// Arrows go through a menu, round and round.
addEventListener("keydown", (event) => {
  const menu = event.target instanceof Element ? event.target.closest("[role='menu']") : null;
  const items = menu ? Array.from(menu.querySelectorAll("[role='menuitem']:not(:disabled)")) : [];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
  if (items.length === 0 || to === undefined) return;
  event.preventDefault();
  items.at(to === items.length ? 0 : to).focus();
});

// Arrows go through a grid, up from its first row into the field that searches it, and down from there.
addEventListener("keydown", (event) => {
  const grid = event.target instanceof Element ? event.target.closest(".dialog")?.querySelector("[role='grid']") : null;
  if (!grid || event.isComposing) return;
  const rows = Array.from(grid.querySelectorAll("[role='row']"), (row) => Array.from(row.querySelectorAll("button")));
  const at = rows.findIndex((row) => row.includes(document.activeElement));
  const column = at < 0 ? 0 : rows[at].indexOf(document.activeElement);
  const field = grid.parentElement.querySelector("input");
  const along = getComputedStyle(grid).direction === "rtl" ? -1 : 1;
  const cells = rows.flat();
  const beside = (step) => cells[cells.indexOf(document.activeElement) + step];
  const near = (row) => row?.[Math.min(column, row.length - 1)];
  if (at < 0 && (event.key !== "ArrowDown" || event.target !== field)) return;
  const to = {
    ArrowDown: () => near(rows[at + 1]), ArrowUp: () => at === 0 ? field : near(rows[at - 1]),
    ArrowRight: () => beside(along), ArrowLeft: () => beside(-along), Home: () => rows[at][0], End: () => rows[at].at(-1),
  }[event.key];
  if (!to) return;
  event.preventDefault();
  to()?.focus();
});

// A menu opens where there is room for it: below its button, else above, else it is scrolled to.
new MutationObserver(() => {
  for (const menu of document.querySelectorAll(".menu:not([data-placed])")) {
    const place = menu.parentElement.getBoundingClientRect();
    const scroll = menu.closest(".scroll")?.getBoundingClientRect();
    const above = place.top - Math.max(scroll?.top ?? 0, 0);
    const below = Math.min(scroll?.bottom ?? innerHeight, innerHeight) - place.bottom;
    const needed = menu.offsetHeight;
    const up = needed > below && above > below;
    menu.dataset.placed = up ? "above" : "below";
    if (needed > (up ? above : below)) menu.scrollIntoView({ block: "nearest" });
  }
}).observe(document, { subtree: true, childList: true });

// --- long lists ---

// A list (`data-rows`) holds the rows near the screen and empty space for all others. What is read stays where it is
// while rows come, go and grow above it; its input (`data-sight`) hears what is on the screen and how high rows are.
const TELL_EVERY_MS = 60;

class LongList {
  constructor(list) {
    this.list = list;
    this.scroll = list.closest(".scroll");
    this.held = []; // the rows on the screen and where they stand
    this.at = 0; // the scroll's own place at that time
    this.asked = "";
    this.wish = null; // the row that is to be brought to a place, until it is there or a hand scrolls
    this.done = 0; // the number of the last wish that came true, or that a hand ended
    this.heights = new WeakMap(); // what was told
    this.watched = new Set();
    this.told = "";
    this.toldAt = 0;
    this.timer = 0;
    this.sizes = new ResizeObserver(() => this.settle());
    this.moved = () => {
      if (Math.abs(this.scroll.scrollTop - this.at) > 2) this.wish = null;
      const rows = this.rows();
      this.keep(rows);
      this.mark(rows);
      this.tell();
    };
    this.hand = () => { this.wish = null; };
    this.scroll.addEventListener("scroll", this.moved, { passive: true });
    for (const type of LongList.HANDS) this.scroll.addEventListener(type, this.hand, { passive: true });
  }

  static HANDS = ["wheel", "touchmove", "pointerdown", "keydown"];

  end() {
    clearTimeout(this.timer);
    this.sizes.disconnect();
    this.watched.clear();
    this.scroll.removeEventListener("scroll", this.moved);
    for (const type of LongList.HANDS) this.scroll.removeEventListener(type, this.hand);
  }

  rows() {
    return Array.from(this.list.querySelectorAll(":scope > [data-row]"));
  }

  // After the list changed, or a row's height.
  settle() {
    if (this.scroll.clientHeight === 0) return;
    const rows = this.rows();
    for (const row of this.watched) {
      if (row.parentNode !== this.list) {
        this.sizes.unobserve(row);
        this.watched.delete(row);
      }
    }
    for (const row of rows) {
      if (!this.watched.has(row)) {
        this.watched.add(row);
        this.sizes.observe(row);
      }
    }
    this.keep(rows);
    this.mark(rows);
    this.tell();
  }

  keep(rows) {
    const asked = this.list.dataset.at ?? "";
    if (asked !== this.asked) {
      this.asked = asked;
      const [, row, off] = asked.split(" ");
      this.wish = row && row !== "-" ? { row, off: Number(off) || 0 } : null;
    }
    const byName = (name) => rows.find((row) => row.dataset.row === name);
    let [row, off] = [undefined, 0];
    if (this.wish) {
      [row, off] = [byName(this.wish.row), this.wish.off];
    } else {
      const held = this.held.find((held) => byName(held.row));
      // What a hand scrolled since then counts.
      if (held) [row, off] = [byName(held.row), held.off - (this.scroll.scrollTop - this.at)];
    }
    if (!this.wish || row) this.done = Number(asked.split(" ")[0]);
    if (!row) return;
    const by = () => row.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top - off;
    if (Math.abs(by()) >= 1) this.scroll.scrollTop += by();
    if (this.wish && Math.abs(by()) < 2) this.wish = null;
  }

  mark(rows) {
    const edge = this.scroll.getBoundingClientRect();
    const top = edge.top - this.list.getBoundingClientRect().top;
    const seen = [];
    for (const row of rows) {
      const box = row.getBoundingClientRect();
      if (box.bottom > edge.top + 1 && box.top < edge.bottom) seen.push({ row: row.dataset.row, off: box.top - edge.top });
    }
    this.at = this.scroll.scrollTop;
    // Whoever is at the beginning sees what comes there.
    this.held = Math.abs(this.at) < 1 || top <= 0 ? [] : seen;
    const round = (px) => Math.round(px * 10) / 10;
    this.sight = [round(top), round(edge.height), round(seen[0]?.off ?? 0), seen[0]?.row ?? "-", seen.at(-1)?.row ?? "-",
      this.done].join(" ");
  }

  tell() {
    if (this.timer) return;
    const wait = Math.max(0, this.toldAt + TELL_EVERY_MS - performance.now());
    this.timer = setTimeout(() => { this.timer = 0; this.say(); }, wait);
  }

  say() {
    const input = this.list.querySelector(":scope > input[data-sight]");
    if (!input || this.scroll.clientHeight === 0) return;
    const rows = this.rows();
    this.keep(rows);
    this.mark(rows);
    const heights = [];
    for (const row of rows) {
      const height = Math.round(row.getBoundingClientRect().height * 10) / 10;
      if (this.heights.get(row) === height || row.querySelector(":scope > [data-skeleton]")) continue;
      this.heights.set(row, height);
      heights.push(`;${row.dataset.row} ${height}`);
    }
    if (heights.length === 0 && this.told === this.sight) return;
    this.told = this.sight;
    this.toldAt = performance.now();
    say(input, this.sight + heights.join(""));
  }
}

const longLists = new Map();
new MutationObserver((changes) => {
  for (const [node, list] of longLists) {
    if (node.isConnected) continue;
    list.end();
    longLists.delete(node);
  }
  for (const node of document.querySelectorAll("[data-rows]")) {
    const list = longLists.get(node);
    if (!list) {
      const made = new LongList(node);
      longLists.set(node, made);
      made.settle();
    } else if (changes.some((change) => list.scroll.contains(change.target))) {
      list.settle();
    }
  }
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-at"] });

// --- pictures that are looked at ---

// A picture on a stage (`data-look`) comes closer by the wheel, keys, buttons (`data-look-by`), a double click and two
// fingers, and is moved by one; a swipe goes to the next (`data-step`).
const CLOSEST = 8;
const SWIPE_PX = 60;

class Look {
  constructor(stage) {
    this.stage = stage;
    [this.scale, this.x, this.y] = [1, 0, 0];
    this.hands = new Map(); // pointers that are down, and where
    this.from = null; // where the first went down
  }

  static of = new WeakMap();

  static on(target) {
    const stage = target?.closest?.("[data-look]") ?? target?.closest?.(".viewer")?.querySelector("[data-look]");
    if (!stage) return null;
    if (!Look.of.has(stage)) Look.of.set(stage, new Look(stage));
    return Look.of.get(stage);
  }

  // Enlarges so many times around a place on the screen; the middle without one.
  zoom(by, clientX, clientY) {
    const box = this.stage.getBoundingClientRect();
    const [px, py] = [
      (clientX ?? box.x + box.width / 2) - box.x - box.width / 2,
      (clientY ?? box.y + box.height / 2) - box.y - box.height / 2,
    ];
    const scale = Math.min(CLOSEST, Math.max(1, this.scale * by));
    const grown = scale / this.scale;
    this.x = px - (px - this.x) * grown;
    this.y = py - (py - this.y) * grown;
    this.scale = scale;
    this.draw();
  }

  move(x, y) {
    this.x += x;
    this.y += y;
    this.draw();
  }

  draw() {
    // It never leaves the stage.
    const [across, down] = [this.stage.clientWidth, this.stage.clientHeight].map((side) => side * (this.scale - 1) / 2);
    this.x = Math.min(across, Math.max(-across, this.x));
    this.y = Math.min(down, Math.max(-down, this.y));
    const picture = this.stage.firstElementChild;
    if (picture) picture.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.stage.dataset.scale = this.scale.toFixed(2);
  }

  // To the next picture, or the one before.
  step(on) {
    this.stage.closest(".viewer")?.querySelector(`[data-step="${on ? "on" : "back"}"]:not(:disabled)`)?.click();
  }
}

addEventListener("wheel", (event) => {
  if (!event.target.closest?.("[data-look]")) return;
  event.preventDefault();
  Look.on(event.target).zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.04 : 0.002)), event.clientX, event.clientY);
}, { passive: false });

addEventListener("dblclick", (event) => {
  if (!event.target.closest?.("[data-look]")) return;
  const look = Look.on(event.target);
  look.zoom(look.scale > 1 ? 1 / look.scale : 2.5, event.clientX, event.clientY);
});

addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-look-by]");
  if (button) Look.on(button)?.zoom(Number(button.dataset.lookBy));
});

addEventListener("pointerdown", (event) => {
  if (!event.target.closest?.("[data-look]") || event.button > 0) return;
  const look = Look.on(event.target);
  // A picture would be dragged as a file.
  event.preventDefault();
  look.hands.set(event.pointerId, [event.clientX, event.clientY]);
  // A pointer that is gone already can't be held.
  try { look.stage.setPointerCapture(event.pointerId); } catch { /* it moves on without */ }
  look.from = look.hands.size === 1 ? [event.clientX, event.clientY] : null;
});

addEventListener("pointermove", (event) => {
  const look = event.target.closest?.("[data-look]") ? Look.on(event.target) : null;
  const before = look?.hands.get(event.pointerId);
  if (!before) return;
  const now = [event.clientX, event.clientY];
  const other = Array.from(look.hands).find(([id]) => id !== event.pointerId)?.[1];
  look.hands.set(event.pointerId, now);
  if (other) {
    const far = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]);
    if (far(before) > 0) look.zoom(far(now) / far(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  } else if (look.scale > 1) {
    look.move(now[0] - before[0], now[1] - before[1]);
  }
});

for (const type of ["pointerup", "pointercancel"]) {
  addEventListener(type, (event) => {
    const look = event.target.closest?.("[data-look]") ? Look.on(event.target) : null;
    if (!look?.hands.delete(event.pointerId)) return;
    const [from, up] = [look.from, type === "pointerup"];
    look.from = null;
    if (!from || !up || look.scale > 1) return;
    const [across, down] = [event.clientX - from[0], event.clientY - from[1]];
    if (Math.abs(across) < SWIPE_PX || Math.abs(across) < Math.abs(down) * 1.5) return;
    look.step((across < 0) === (getComputedStyle(look.stage).direction !== "rtl"));
  });
}

addEventListener("keydown", (event) => {
  const viewer = event.target.closest?.(".viewer");
  if (!viewer || event.ctrlKey || event.metaKey || event.altKey) return;
  const look = Look.on(viewer);
  const on = getComputedStyle(viewer).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  switch (event.key) {
    case "+": case "=": look?.zoom(1.5); break;
    case "-": look?.zoom(1 / 1.5); break;
    case "0": look?.zoom(1 / look.scale); break;
    case "ArrowUp": look?.move(0, 60); break;
    case "ArrowDown": look?.move(0, -60); break;
    case "ArrowLeft": case "ArrowRight": look?.step(event.key === on); break;
    default: return;
  }
  event.preventDefault();
});

// Tab stays in what lies above the page.
addEventListener("keydown", (event) => {
  if (event.key !== "Tab") return;
  const all = document.querySelectorAll("[role='dialog'][aria-modal='true']");
  const dialog = all[all.length - 1];
  if (!dialog) return;
  const inside = Array.from(dialog.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']"))
    .filter((node) => !node.disabled && node.type !== "hidden" && node.getClientRects().length > 0);
  const [first, last] = [inside[0], inside.at(-1)];
  const at = document.activeElement;
  const leaves = !dialog.contains(at) || (event.shiftKey ? at === first : at === last);
  if (!first || !leaves) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}, true);

// Enter on a card opens it.
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.("article[tabindex]")) {
    event.target.querySelector("[data-opens]")?.click();
  }
});
