// How full the buckets of the address book are: a square each, the darker (or, at night, the lighter) the fuller.

import { ramp, text } from "./common.js";

const PLACES = 64, COLUMNS = 64, CELL = 10;

export class BucketMap {
  #canvas; #said; #fill = new Uint8Array();

  constructor(canvas, said) {
    this.#canvas = canvas;
    this.#said = said;
    canvas.addEventListener("mousemove", event => this.#tell(event));
  }

  show(base64, caption, name) {
    this.#fill = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
    const used = this.#fill.filter(n => n), places = used.reduce((sum, n) => sum + n, 0);
    text(caption, `${name}: ${places} places, ${used.length} of ${this.#fill.length} buckets`);
    this.draw();
  }

  draw() {
    if (!this.#fill.length) return;
    [this.#canvas.width, this.#canvas.height] = [COLUMNS * CELL, this.#fill.length / COLUMNS * CELL];
    const context = this.#canvas.getContext("2d");
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#fill.forEach((n, i) => {
      // A single address shows: the eye sees a step from nothing, not a sixty-fourth.
      const share = n ? 0.18 + 0.82 * Math.sqrt(n / PLACES) : 0;
      context.fillStyle = `rgb(${ramp(share)})`;
      context.fillRect(i % COLUMNS * CELL, Math.floor(i / COLUMNS) * CELL, CELL - 1, CELL - 1);
    });
  }

  #tell(event) {
    const box = this.#canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / box.width * COLUMNS);
    const row = Math.floor((event.clientY - box.top) / box.height * this.#fill.length / COLUMNS);
    const bucket = row * COLUMNS + column;
    if (bucket in this.#fill) text(this.#said, `Bucket ${bucket}: ${this.#fill[bucket]} of ${PLACES} places taken.`);
  }
}
