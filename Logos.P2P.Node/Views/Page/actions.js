// What the operator does, once he has shown that he is it.

import { $, notice, text } from "./common.js";

export class Actions {
  #authorization = null;
  isOffered = false;

  constructor() {
    $("unlock").addEventListener("click", () => this.#authorization ? this.#lock() : this.#ask());
  }

  offer(isOffered) {
    this.isOffered = isOffered;
    $("unlock").hidden = !isOffered;
  }

  /** Calls a method. Asks for the cookie first if it is not known. Tells whether it was done. */
  async call(method, params, done) {
    if (!this.#authorization && !await this.#ask()) return false;
    let response;
    try {
      response = await fetch("/rpc", {
        method: "POST",
        headers: { "Content-Type": "application/json", "Authorization": this.#authorization },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      });
    } catch {
      notice("The node does not answer.");
      return false;
    }
    if (response.status === 401) {
      this.#lock();
      notice("That is not the node’s cookie.");
      return false;
    }
    const answer = response.ok ? await response.json() : { error: { message: `The node answered ${response.status}.` } };
    notice(answer.error ? answer.error.message : done);
    return !answer.error;
  }

  async ban(address) {
    const hosts = address.startsWith("[") ? address.slice(1, address.indexOf("]")) : address.replace(/:\d+$/, "");
    $("ban-hosts").value = hosts;
    if (await open($("ban-dialog")) !== "ok") return;
    const named = $("ban-hosts").value.trim();
    await this.call("setban", [named, "add", Number($("ban-time").value)], `${named} is banned`);
  }

  disconnect(id) {
    return this.call("disconnectnode", ["", id], `Peer ${id} is disconnected`);
  }

  #lock() {
    this.#authorization = null;
    text($("unlock"), "Unlock actions");
  }

  /** The cookie is checked by using it. */
  async #ask() {
    $("secret").value = "";
    if (await open($("unlock-dialog")) !== "ok" || !$("secret").value.trim()) return false;
    this.#authorization = `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode($("secret").value.trim())))}`;
    $("secret").value = "";
    text($("unlock"), "Lock actions");
    return await this.call("listbanned", [], "Actions are unlocked");
  }
}

function open(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}
