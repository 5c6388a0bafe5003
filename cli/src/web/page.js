// The page's side of a window: opens a socket to the node, applies the edits that come, sends the events that the app
// listens for, and opens the socket again whenever it is lost. Nothing that comes through it is ever run as a script.
//
// Elements speak to this script through attributes (kith_ui, `HEAD`): data-upload and data-uploaded, data-navigate,
// data-path and data-depth, data-copy, data-autofocus and data-focus. What all hosts do (kith_ui, `SCRIPT`) stands
// before it in the same file.
import { RawInterpreter } from "/interpreter.js";

const PING_EVERY_MS = 15000;
// A node that does not answer for this long is gone.
const ANSWER_WITHIN_MS = 10000;
const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 10000;
// A drop shorter than this is not shown.
const QUIET_MS = 400;
// How long unsent text and scroll positions wait for their element to appear again after a reconnect.
const RESTORE_WITHIN_MS = 15000;
// How long a focus that was asked for waits for its element.
const FOCUS_WITHIN_MS = 3000;

// --- what the browser knows, in the words of dioxus-html's serialized events ---

const modifiers = (e) => ({ alt_key: e.altKey, ctrl_key: e.ctrlKey, meta_key: e.metaKey, shift_key: e.shiftKey });

const mouse = (e) => ({
  ...modifiers(e),
  button: e.button, buttons: e.buttons,
  client_x: e.clientX, client_y: e.clientY,
  offset_x: e.offsetX, offset_y: e.offsetY,
  page_x: e.pageX, page_y: e.pageY,
  screen_x: e.screenX, screen_y: e.screenY,
});

const pointer = (e) => ({
  ...mouse(e),
  pointer_id: e.pointerId, pointer_type: e.pointerType, is_primary: e.isPrimary,
  width: e.width, height: e.height, pressure: e.pressure, tangential_pressure: e.tangentialPressure,
  tilt_x: e.tiltX, tilt_y: e.tiltY, twist: e.twist,
});

const wheel = (e) => ({
  ...mouse(e), delta_mode: e.deltaMode, delta_x: e.deltaX, delta_y: e.deltaY, delta_z: e.deltaZ,
});

const keyboard = (e) => ({
  ...modifiers(e),
  key: e.key, code: e.code, key_code: e.keyCode, char_code: e.charCode, which: e.which,
  location: e.location, repeat: e.repeat, is_composing: e.isComposing,
});

const touches = (list) => Array.from(list, (t) => ({
  identifier: t.identifier,
  client_x: t.clientX, client_y: t.clientY, page_x: t.pageX, page_y: t.pageY, screen_x: t.screenX, screen_y: t.screenY,
  radius_x: t.radiusX, radius_y: t.radiusY, rotation_angle: t.rotationAngle, force: t.force,
}));

const touch = (e) => ({
  ...modifiers(e),
  touches: touches(e.touches), changed_touches: touches(e.changedTouches), target_touches: touches(e.targetTouches),
});

const scroll = (e) => {
  const box = e.target instanceof Element ? e.target : document.documentElement;
  return {
    scroll_top: box.scrollTop, scroll_left: box.scrollLeft,
    scroll_width: box.scrollWidth, scroll_height: box.scrollHeight,
    client_width: box.clientWidth, client_height: box.clientHeight,
  };
};

// Text only: files have their own way (see `upload`).
const form = (e) => {
  const field = e.target;
  let value = "";
  if (field instanceof HTMLInputElement) {
    value = field.type === "checkbox" ? String(field.checked) : field.type === "file" ? "" : field.value;
  } else if (field instanceof HTMLTextAreaElement) {
    value = field.value;
  } else if (field instanceof HTMLSelectElement) {
    value = Array.from(field.selectedOptions, (option) => option.value).join(",");
  }
  const around = field instanceof Element ? field.closest("form") : null;
  const values = [];
  if (around) {
    new FormData(around).forEach((text, key) => {
      if (typeof text === "string") values.push({ key, text });
    });
  }
  return { value, values, valid: around ? around.matches(":valid") : true };
};

const size = (boxes, rect) => boxes && boxes[0] ? [boxes[0].inlineSize, boxes[0].blockSize] : [rect.width, rect.height];

const resize = (e) => ({
  border_box_size: size(e.detail.borderBoxSize, e.detail.contentRect),
  content_box_size: size(e.detail.contentBoxSize, e.detail.contentRect),
  content_rect: e.detail.contentRect,
});

const visible = (e) => ({
  bounding_client_rect: e.detail.boundingClientRect,
  intersection_ratio: e.detail.intersectionRatio,
  intersection_rect: e.detail.intersectionRect,
  is_intersecting: e.detail.isIntersecting,
  root_bounds: e.detail.rootBounds,
  time_ms: Math.floor(Date.now()),
});

function describe(e) {
  switch (e.type) {
    case "input": case "change": case "submit": case "reset": case "invalid": return form(e);
    case "scroll": case "scrollend": return scroll(e);
    case "resize": return resize(e);
    case "visible": return visible(e);
  }
  // A drag would have to say which files it brings: it is not offered.
  if (e instanceof DragEvent) return null;
  if (e instanceof WheelEvent) return wheel(e);
  if (e instanceof PointerEvent && e.type.startsWith("pointer")) return pointer(e);
  if (e instanceof MouseEvent) return mouse(e);
  if (e instanceof KeyboardEvent) return keyboard(e);
  if (typeof TouchEvent !== "undefined" && e instanceof TouchEvent) return touch(e);
  if (e instanceof CompositionEvent) return { data: e.data };
  if (e instanceof AnimationEvent) {
    return { animation_name: e.animationName, elapsed_time: e.elapsedTime, pseudo_element: e.pseudoElement };
  }
  if (e instanceof TransitionEvent) {
    return { property_name: e.propertyName, elapsed_time: e.elapsedTime, pseudo_element: e.pseudoElement };
  }
  return {};
}

// --- fields ---

const TEXT_TYPES = new Set(["text", "search", "email", "url", "tel", "number", "password"]);
const isText = (node) =>
  node instanceof HTMLTextAreaElement || (node instanceof HTMLInputElement && TEXT_TYPES.has(node.type));

// What this script remembers of a text field: { typed, sent, held }.
const fields = new WeakMap();
const remembered = (node) => {
  if (!fields.has(node)) fields.set(node, { typed: false, sent: 0, held: undefined });
  return fields.get(node);
};

function putValue(node, value) {
  if (value === "") remembered(node).typed = false;
  if (node.value === value) return;
  const caret = document.activeElement === node && node.selectionStart !== null
    ? [node.selectionStart, node.selectionEnd] : null;
  node.value = value;
  if (caret) node.setSelectionRange(...caret);
}

// --- edits ---

class Surface extends RawInterpreter {
  constructor(root, link) {
    super();
    this.link = link;
    this.initialize(root, (event) => this.hear(event));
  }

  hear(event) {
    if (event.target instanceof HTMLInputElement && event.target.type === "file" && event.type !== "click") return;
    if (event.type === "submit") event.preventDefault();
    const near = event.target instanceof Element ? event.target.closest("[data-dioxus-id]") : this.root;
    const data = describe(event);
    if (!near || data === null) return;
    const told = event.type === "input" && isText(event.target) ? event.target : null;
    if (told && event.isTrusted) remembered(told).typed = true;
    this.link.event({
      name: event.type, element: Number(near.dataset.dioxusId), bubbles: event.bubbles, data,
    }, told);
  }

  // Called by the generated code, for `mounted` only; what it returns goes to window.ipc.postMessage.
  sendSerializedEvent(body) {
    this.link.event(body, null);
  }

  setAttributeInner(node, name, value, namespace) {
    if (!namespace && name === "style") {
      // As an attribute the policy would block it. Properties that were set one by one stay, as in Dioxus.
      const kept = Array.from(node.style, (property) => [property, node.style.getPropertyValue(property)]);
      node.style.cssText = value;
      for (const [property, old] of kept) {
        if (!node.style.getPropertyValue(property)) node.style.setProperty(property, old);
      }
    } else if (!namespace && name === "value" && isText(node)) {
      // While the node has not seen what was typed last, its value is old news.
      const field = remembered(node);
      if (field.sent > 0) field.held = value;
      else putValue(node, value);
    } else {
      super.setAttributeInner(node, name, value, namespace);
    }
  }

  // The binary edits name a child by the way to it from the top of the stack.
  loadChild(way) {
    let node = this.stack[this.stack.length - 1];
    for (const nth of way) {
      node = node.firstChild;
      for (let n = 0; n < nth; n++) node = node.nextSibling;
    }
    return node;
  }

  // The generated code takes the id away with the first listener, and loses its count of the rest.
  removeListener(node, name, bubbles) {
    if (node.listening > 0) node.setAttribute("data-dioxus-id", this.nodes.indexOf(node));
    if (name === "resize") this.removeResizeObserver(node);
    else if (name === "visible") this.removeIntersectionObserver(node);
    else if (!bubbles) node.removeEventListener(name, this.handler);
    else if (this.global[name]) this.removeBubblingListener(name);
  }

  // The few things that Dioxus asks of a page come as scripts. They are recognised, never evaluated.
  answer(script) {
    const id = /let _request_id = (\d+);/.exec(script);
    const call = /return window\.interpreter\.(setFocus|scrollTo|scroll|getClientRect)\(([^;]*)\);/.exec(script);
    const title = /document\.title = ("(?:[^"\\]|\\.)*");/.exec(script);
    if (title) {
      try { document.title = JSON.parse(title[1]); } catch { /* an escape that JSON does not know */ }
    }
    if (!id || !call) return;
    let args = [];
    try { args = JSON.parse(`[${call[2]}]`); } catch { return; }
    const node = this.nodes[args[0]];
    let data = node instanceof Element;
    if (data) {
      switch (call[1]) {
        case "setFocus": args[1] ? node.focus() : node.blur(); break;
        case "scrollTo": node.scrollIntoView(args[1]); break;
        case "scroll": node.scroll({ left: args[1], top: args[2], behavior: args[3] }); break;
        case "getClientRect": {
          const rect = node.getBoundingClientRect();
          data = { origin: [rect.x, rect.y], size: [rect.width, rect.height] };
        }
      }
    } else if (call[1] === "getClientRect") {
      data = null;
    }
    this.link.send({ method: "query", params: { id: Number(id[1]), data, returned_value: true } });
  }
}

// --- the connection ---

class Link {
  constructor() {
    this.root = document.getElementById("main");
    this.bar = document.getElementById("kith-link");
    this.tries = 0;
    this.retry = 0;
    this.quiet = 0;
    this.unsent = [];
    this.scrolled = [];
    this.wanted = null;
    // Our own steps below this one in the browser's history, over reloads.
    this.at = Number(history.state?.at ?? 0);
    history.replaceState({ at: this.at }, "");
    this.open();
    setInterval(() => this.beat(), PING_EVERY_MS / 5);
    const now = () => { if (this.retry && !document.hidden) { clearTimeout(this.retry); this.open(); } };
    addEventListener("online", now);
    addEventListener("pageshow", now);
    document.addEventListener("visibilitychange", now);
    addEventListener("popstate", (event) => this.went(Number(event.state?.at ?? 0)));
  }

  open() {
    this.retry = 0;
    this.asked = []; // what each pong that is still to come stands for
    this.surface = null;
    this.arrived = false;
    this.settled = false;
    this.back = 0; // steps that the browser went back and the app did not yet
    this.going = false; // on the way to where the app went back
    this.depth = 0;
    this.focusAsked = "";
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = this.socket = new WebSocket(`${scheme}//${location.host}/ws`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (message) => { if (socket === this.socket) this.take(message.data); };
    socket.onclose = (event) => { if (socket === this.socket) this.lost(event.code); };
  }

  take(bytes) {
    const kind = new Uint8Array(bytes, 0, 1)[0];
    if (kind === 1) {
      this.edit(bytes.slice(1));
      return;
    }
    const text = new TextDecoder().decode(new Uint8Array(bytes, 1));
    if (text === "__pong__") {
      this.pong();
    } else {
      const message = JSON.parse(text);
      if (message.type === "query" && this.surface) this.surface.answer(message.data);
    }
  }

  edit(bytes) {
    const first = this.surface === null;
    if (first) {
      // A new virtual DOM starts from nothing: it gets a root of its own, which takes the old one's place when filled.
      this.fresh = document.createElement("div");
      this.surface = new Surface(this.fresh, this);
    }
    try {
      this.surface.run_from_bytes(bytes);
    } catch (error) {
      // The page can't know any more what it shows: a fresh virtual DOM can.
      console.error(error);
      this.lost(1006);
      return;
    }
    if (first) {
      this.keep();
      const [left, top] = [scrollX, scrollY];
      this.fresh.id = "main";
      this.root.replaceWith(this.fresh);
      this.root = this.fresh;
      scrollTo(left, top);
      this.tries = 0;
      this.tell(null);
      document.documentElement.dataset.connected = "true";
    }
    this.restore();
    this.arrive();
    this.mirror();
    focusAsked(this.root, first && document.activeElement !== document.body);
    this.focus();
  }

  lost(code) {
    this.socket.onclose = this.socket.onmessage = null;
    this.socket.close();
    delete document.documentElement.dataset.connected;
    this.surface = null;
    if (code === 1008) {
      this.tell("refused");
      return;
    }
    if (!this.quiet) this.quiet = setTimeout(() => this.tell("lost"), QUIET_MS);
    // Whether it is the node or the session that is missing, only a plain request tells.
    fetch("/alive").then((answer) => { if (answer.status === 401) this.tell("signedOut"); }, () => {});
    const longest = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** this.tries);
    this.tries += 1;
    this.retry = setTimeout(() => this.open(), longest * (0.5 + Math.random() / 2));
  }

  // Shows the bar: "lost", "signedOut", "refused", or nothing.
  tell(what) {
    clearTimeout(this.quiet);
    this.quiet = what ? this.quiet : 0;
    this.bar.hidden = !what;
    // What the footer said of the network is no longer known.
    document.documentElement.toggleAttribute("data-node-lost", Boolean(what));
    this.bar.textContent = what ? this.bar.dataset[what] : "";
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  // `field`: the text field whose input this tells; it is settled once everything up to it was answered.
  event(params, field) {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.send({ method: "user_event", params });
    if (field) {
      remembered(field).sent += 1;
      this.ping(field);
    }
  }

  ping(field) {
    this.asked.push({ field, at: performance.now() });
    this.socket.send("__ping__");
  }

  pong() {
    const asked = this.asked.shift();
    if (asked === undefined) return;
    if (asked.field === "navigate") {
      this.settled = true;
      this.mirror(true);
    } else if (asked.field) {
      const field = remembered(asked.field);
      field.sent -= 1;
      if (field.sent === 0 && field.held !== undefined) {
        putValue(asked.field, field.held);
        field.held = undefined;
      }
    }
  }

  beat() {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    const now = performance.now();
    if (this.asked.length > 0 && now - this.asked[0].at > ANSWER_WITHIN_MS) {
      this.lost(1006);
    } else if (this.asked.length === 0 && now - (this.beaten ?? 0) > PING_EVERY_MS) {
      this.beaten = now;
      this.ping(null);
    }
  }

  // --- text that was typed and not sent, and where the user was reading, over a reconnect ---

  keep() {
    const until = performance.now() + RESTORE_WITHIN_MS;
    for (const node of this.root.querySelectorAll("[data-testid]")) {
      // A long list finds its place by its rows.
      if (node.scrollTop > 0 && !node.querySelector("[data-rows]")) this.scrolled.push({ name: node.dataset.testid, top: node.scrollTop, until });
    }
    const named = new Map();
    for (const node of this.root.querySelectorAll("input, textarea")) {
      if (!isText(node) || node.type === "password") continue;
      const name = node.dataset.testid || node.id || node.name;
      if (!name) continue;
      const nth = named.get(name) ?? 0;
      named.set(name, nth + 1);
      const focused = document.activeElement === node;
      const typed = fields.has(node) && remembered(node).typed && node.value !== "";
      if (!typed && !focused) continue;
      this.unsent = this.unsent.filter((kept) => kept.name !== name || kept.nth !== nth);
      const caret = focused && node.selectionStart !== null ? [node.selectionStart, node.selectionEnd] : null;
      this.unsent.push({
        name, nth, text: typed ? node.value : null, focused, caret, until,
      });
    }
  }

  restore() {
    const now = performance.now();
    this.scrolled = this.scrolled.filter(({ name, top, until }) => {
      const node = this.root.querySelector(`[data-testid="${CSS.escape(name)}"]`);
      if (!node || node.scrollHeight - node.clientHeight < top) return until > now;
      node.scrollTop = top;
      return false;
    });
    this.unsent = this.unsent.filter((kept) => {
      const same = Array.from(this.root.querySelectorAll("input, textarea"))
        .filter((node) => isText(node) && kept.name === (node.dataset.testid || node.id || node.name));
      const node = same[kept.nth];
      if (!node) return kept.until > now;
      if (kept.text !== null && node.value !== kept.text) {
        say(node, kept.text);
        remembered(node).typed = true;
      }
      if (kept.focused && (document.activeElement === document.body || document.activeElement === null)) {
        node.focus({ preventScroll: true });
        if (kept.caret) node.setSelectionRange(...kept.caret);
      }
      return false;
    });
  }

  // --- the address bar ---

  // Tells the app the place that the address names, once it listens.
  arrive() {
    const listener = this.root.querySelector("input[data-navigate]");
    if (this.arrived || !listener || this.socket.readyState !== WebSocket.OPEN) return;
    this.arrived = true;
    if (this.shown() === location.pathname) {
      this.settled = true;
      this.depth = this.steps();
    } else {
      say(listener, this.back > 0 ? `${location.pathname}#-${this.back}` : location.pathname);
      this.ping("navigate");
    }
    this.back = 0;
  }

  // The browser went to another step of its history: by the user's hand, or because the app had gone there.
  went(at) {
    const back = this.at - at;
    this.at = at;
    if (this.going) {
      this.going = false;
      this.mirror(this.steps() === this.depth);
      return;
    }
    this.back = back;
    this.arrived = false;
    this.settled = false;
    this.arrive();
  }

  // Shows in the address the place that the app went to: a step further, or as many steps back as the app took.
  mirror(instead = false) {
    const shown = this.shown();
    if (!this.settled || this.going || shown === null) return;
    const back = this.depth - this.steps();
    this.depth = this.steps();
    if (shown === location.pathname) return;
    if (!instead && back > 0 && back <= this.at) {
      this.going = true;
      history.go(-back);
    } else if (instead || back > 0) {
      history.replaceState({ at: this.at }, "", shown);
    } else {
      this.at += 1;
      history.pushState({ at: this.at }, "", shown);
    }
  }

  // How many places the app can go back.
  steps() {
    return Number(this.root.querySelector("[data-path]")?.dataset.depth ?? 0);
  }

  // Moves the keyboard to the element that the app named, when it is there.
  focus() {
    const asked = this.root.querySelector("[data-focus]")?.dataset.focus ?? "";
    if (asked !== this.focusAsked) {
      this.focusAsked = asked;
      this.wanted = asked ? { id: asked.slice(asked.indexOf(" ") + 1), until: performance.now() + FOCUS_WITHIN_MS } : null;
    }
    if (!this.wanted) return;
    const node = document.getElementById(this.wanted.id);
    if (node || performance.now() > this.wanted.until) this.wanted = null;
    node?.focus();
  }

  shown() {
    const path = this.root.querySelector("[data-path]")?.dataset.path ?? null;
    return path !== null && /^\/(?!\/)/.test(path) ? path : null;
  }

  go(path) {
    const listener = this.root.querySelector("input[data-navigate]");
    if (listener) say(listener, path);
  }
}

// --- what needs a script ---

// Each element that asks for the focus gets it once; `taken`: the user has it somewhere already.
function focusAsked(root, taken) {
  for (const node of root.querySelectorAll("[data-autofocus='true']")) {
    if (remembered(node).asked) continue;
    remembered(node).asked = true;
    if (!taken) node.focus({ preventScroll: true });
  }
}

function upload(input) {
  const files = Array.from(input.files);
  input.value = ""; // so that the same file can be chosen again
  give(input, files);
}

function copy(text) {
  navigator.clipboard?.writeText(text).catch(() => {});
}

const link = new Link();
// The name under which the generated code finds the way back; its argument was sent already.
window.ipc = { postMessage() {} };

const isFileInput = (node) => node instanceof HTMLInputElement && node.type === "file";

// Before Dioxus' own listeners: it would hand the server the file's name as a path.
for (const type of ["input", "change"]) {
  addEventListener(type, (event) => {
    if (!isFileInput(event.target)) return;
    event.stopImmediatePropagation();
    if (type === "change" && event.target.dataset.upload !== undefined) upload(event.target);
  }, true);
}

addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const copied = event.target.closest("[data-copy]");
  if (copied) copy(copied.dataset.copy);

  // Links inside the app change the place without loading the page again.
  const anchor = event.target.closest("a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!anchor || !plain || anchor.target || anchor.hasAttribute("download")) return;
  const href = anchor.getAttribute("href");
  if (href === "#" || href === "") {
    event.preventDefault();
  } else if (/^\/(?!\/)/.test(href) && !/^\/(media|login)\//.test(href)) {
    event.preventDefault();
    if (!anchor.hasAttribute("data-dioxus-id")) link.go(href);
  }
});
