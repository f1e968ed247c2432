// What both pages use. Everything is built of elements and text: nothing that the network says is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

export const $ = id => document.getElementById(id);

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Writes only what has changed: a table of a hundred rows is otherwise laid out anew each second. */
export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

export function attribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

// Numbers for people.

export function count(n) {
  return n < 10_000 ? String(Math.round(n)) : n < 1e6 ? `${(n / 1e3).toFixed(n < 1e5 ? 1 : 0)} k` : `${(n / 1e6).toFixed(1)} M`;
}

export function bytes(n) {
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (n < 1000) return `${n < 10 && unit !== "B" ? n.toFixed(1) : Math.round(n)} ${unit}`;
    n /= 1000;
  }
  return `${n.toFixed(1)} TB`;
}

export function milliseconds(ms) {
  if (ms == null) return "–";
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

/** A colour of the ramp, for a share of 0 to 1. */
export function ramp(share) {
  const style = getComputedStyle(document.documentElement);
  const [low, high] = ["--low", "--high"].map(name => style.getPropertyValue(name).trim().split(/\s+/).map(Number));
  return low.map((from, i) => Math.round(from + (high[i] - from) * share));
}

// Light and dark: as the system has it, until somebody says otherwise.

const themeChanged = [];
export const onTheme = action => themeChanged.push(action);

export function initTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = localStorage.getItem("theme");
  const apply = () => {
    const isDark = chosen ? chosen === "dark" : system.matches;
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
    text($("theme"), isDark ? "Light" : "Dark");
    themeChanged.forEach(action => action());
  };
  system.addEventListener("change", apply);
  $("theme").addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", chosen);
    apply();
  });
  apply();
}

/** Listens to the program's news; the browser connects again by itself when they break off. */
export function listen(handlers) {
  const live = $("live");
  let isPaused = false;
  const show = (state, words) => { live.dataset.state = state; text(live, words); };
  const source = new EventSource("/events");
  source.addEventListener("open", () => { if (!isPaused) show("live", "live"); });
  source.addEventListener("error", () => show("lost", "no connection"));
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, event => { if (!isPaused) handle(JSON.parse(event.data)); });
  }
  $("pause").addEventListener("click", () => {
    isPaused = !isPaused;
    $("pause").setAttribute("aria-pressed", isPaused);
    text($("pause"), isPaused ? "Go on" : "Pause");
    if (source.readyState === EventSource.OPEN) show(isPaused ? "paused" : "live", isPaused ? "paused" : "live");
  });
}

let noticeTimer;
export function notice(words) {
  text($("notice"), words);
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => text($("notice"), ""), 5000);
}

export const wantsMotion = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;
