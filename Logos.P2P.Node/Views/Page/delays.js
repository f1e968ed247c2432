// The histogram of delays.

import { milliseconds, shape, text } from "./common.js";

const WIDTH = 560, HEIGHT = 190, LEFT = 8, BOTTOM = 24, TOP = 26;

/** The delay that a share of messages stays below, in seconds; null without messages. */
export function quantile(counts, bounds, share) {
  const all = counts.reduce((sum, n) => sum + n, 0);
  let left = all * share;
  for (let i = 0; all && i < counts.length; i++) {
    if (left <= counts[i]) {
      const high = bounds[i] ?? bounds.at(-1) * 2, low = bounds[i - 1] ?? high / 2;
      // Delays are spread over magnitudes, so between two bounds too.
      return low * (high / low) ** (counts[i] ? left / counts[i] : 1);
    }
    left -= counts[i];
  }
  return null;
}

export function drawDelays(svg, summary, bounds, relay, handler) {
  const step = (WIDTH - 2 * LEFT) / relay.length;
  const most = Math.max(1, ...relay, ...handler);
  const y = n => HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * n / most;
  const x = i => LEFT + step * i;
  const at = seconds => {
    const i = bounds.findIndex(bound => seconds <= bound);
    if (i < 0) return x(relay.length - 0.5);
    const high = bounds[i], low = bounds[i - 1] ?? high / 2;
    return x(i + Math.max(0, Math.log(seconds / low) / Math.log(high / low)));
  };
  const drawn = [shape("path", { class: "axis", d: `M${LEFT} ${HEIGHT - BOTTOM + .5}H${WIDTH - LEFT}` })];
  relay.forEach((n, i) => n && drawn.push(shape("rect", {
    class: "bar", x: x(i) + 1.5, width: step - 3, y: y(n), height: Math.max(1, HEIGHT - BOTTOM - y(n)), rx: 2,
  })));
  if (handler.some(n => n)) {
    drawn.push(shape("path", { class: "step", d: `M${x(0)} ${y(handler[0])}` + handler.map((n, i) => `V${y(n)}H${x(i + 1)}`).join("") }));
  }
  bounds.forEach((bound, i) => {
    if (!/^1(e|0*$)|^0\.0*1$/.test(String(bound))) return;
    drawn.push(shape("path", { class: "axis", d: `M${x(i + 1)} ${HEIGHT - BOTTOM}v5` }));
    drawn.push(shape("text", { x: x(i + 1), y: HEIGHT - 6, "text-anchor": "middle" }, milliseconds(bound * 1000)));
  });
  const marks = [[0.5, "half"], [0.99, "99 %"]].map(([share, name]) => [quantile(relay, bounds, share), name]).filter(([value]) => value);
  marks.forEach(([value, name], i) => {
    const place = at(value), isRight = i === 1 || place < WIDTH / 2;
    drawn.push(shape("path", { class: "mark", d: `M${place} ${TOP - 12}V${HEIGHT - BOTTOM}` }));
    drawn.push(shape("text", { class: "mark-text", x: place + (isRight ? 5 : -5), y: TOP - 10 + 13 * i, "text-anchor": isRight ? "start" : "end" },
      `${name} ${milliseconds(value * 1000)}`));
  });
  svg.replaceChildren(...drawn);
  const all = relay.reduce((sum, n) => sum + n, 0);
  text(summary, all
    ? `${all} messages timed: half below ${milliseconds(marks[0][0] * 1000)}, 99 % below ${milliseconds(marks[1][0] * 1000)}`
    : "no message was relayed");
}
