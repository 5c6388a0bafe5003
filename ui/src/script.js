// What the pages of all hosts do besides drawing: files that are pasted or dropped go to /upload, and keys that are
// pressed while nothing has the keyboard reach the screens. Nothing that comes from others is ever run or made HTML.

const LIMITS = document.body.dataset;

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
  for (const file of files) tell(await post(file, input.dataset.upload === "sealed"));
}

async function post(file, sealed) {
  if (file.size > Number(LIMITS.uploadBytes)) return { error: LIMITS.tooLarge };
  try {
    // Its bytes, not the file: WebKitGTK ends the whole window when a file is posted to a protocol of the window's own.
    const body = await file.arrayBuffer();
    const asked = [];
    const apart = document.querySelector(".kith")?.dataset.apart;
    if (apart) asked.push(`as=${apart}`);
    if (sealed) asked.push("sealed=true", `name=${encodeURIComponent(file.name ?? "")}`);
    const place = asked.length > 0 ? `/upload?${asked.join("&")}` : "/upload";
    const answer = await fetch(place, {
      method: "POST", body, headers: { "Content-Type": file.type || "application/octet-stream" },
    });
    const told = await answer.json();
    return typeof told.hash === "string" ? { hash: told.hash } : { error: String(told.error) };
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

addEventListener("paste", (event) => {
  const field = event.target instanceof Element && event.target.matches("input, textarea");
  const place = field ? event.target.closest("[data-drop]") : placeFor(event.target);
  const input = place?.querySelector("input[data-upload]");
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
  const input = placeFor(event.target)?.querySelector("input[data-upload]");
  if (input) give(input, Array.from(event.dataTransfer.files));
});

// --- the keyboard ---

// What had it last, outside of menus and questions: it gets it back when they go.
let opener = null;

// Text that is opened to be edited is gone on with at its end, the first time.
const opened = new WeakSet();

addEventListener("focusin", (event) => {
  const field = event.target;
  if (field.matches("textarea[data-autofocus]") && !opened.has(field)) {
    opened.add(field);
    field.setSelectionRange(field.value.length, field.value.length);
    field.scrollTop = field.scrollHeight;
  }
  if (!event.target.closest("[role='menu'], .dialog")) opener = event.target;
});

addEventListener("keydown", (event) => {
  if (event.target !== document.body && event.target !== document.documentElement) return;
  // Another screen may cover what had it; then the page itself takes it.
  const next = [opener, document.querySelector(".kith")].find((node) => {
    node?.focus({ preventScroll: true });
    return node && document.activeElement === node;
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

// A click takes an offer, and the field keeps the keyboard.
addEventListener("mousedown", (event) => {
  if (event.target instanceof Element && event.target.closest(".offers")) event.preventDefault();
});

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

// How far this place's clocks are ahead of UTC, in minutes, for who asks.
new MutationObserver(() => {
  for (const asks of document.querySelectorAll("input[data-zone]")) {
    if (asks.value === "") say(asks, String(-new Date().getTimezoneOffset()));
  }
}).observe(document, { subtree: true, childList: true });

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

// --- where a feed was read ---

// What stands above an element gets its height only while it is drawn: it is brought to the top again until it stays.
function bringToTop(id) {
  let tries = 120;
  let still = 0;
  (function look() {
    const node = document.getElementById(id);
    const scroll = node?.closest(".scroll");
    if (scroll) {
      const off = node.getBoundingClientRect().top - scroll.getBoundingClientRect().top;
      still = Math.abs(off) < 2 ? still + 1 : 0;
      scroll.scrollTop += off;
      const end = scroll.scrollTop + scroll.clientHeight >= scroll.scrollHeight - 1;
      if (still > 5 || (end && tries < 100)) return;
    }
    if (tries-- > 0) requestAnimationFrame(look);
  })();
}

let scrollAsked = "";
new MutationObserver(() => {
  const asked = document.querySelector(".kith")?.dataset.scroll ?? "";
  if (asked === scrollAsked) return;
  scrollAsked = asked;
  if (asked) bringToTop(asked.slice(asked.indexOf(" ") + 1));
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-scroll"] });
