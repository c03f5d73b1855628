// The control that picks a file: what is sent of it.
import { beforeEach, expect, test } from "vitest";
import view from "../../unetviz/widgets/views/file/file.js";
import state from "./states/file.json";
import { fakeModel, one, show } from "./support/page.js";

/** @import { FileState } from "../../unetviz/widgets/views/shared/types" */

/** @param {Partial<FileState>} changes */
function shown(changes = {}) {
  const content = new DataView(new ArrayBuffer(0));
  const model = fakeModel(/** @type {FileState} */ ({ ...state, content, ...changes }));
  const { root } = show(view, model);
  const input = /** @type {HTMLInputElement} */ (one(root, "input"));
  const pick = async (/** @type {string[]} */ ...parts) => {
    const files = parts.length ? [new File(parts, "mine.png")] : [];
    Object.defineProperty(input, "files", { value: files, configurable: true });
    input.dispatchEvent(new Event("change"));
    await new Promise((done) => setTimeout(done));
  };
  return { model, input, pick };
}

beforeEach(() => document.body.replaceChildren());

test("it has a name and offers the files that can be read", () => {
  const { input } = shown();
  expect(input.labels?.[0].textContent).toBe(state.words.label);
  expect(input.accept).toBe(".png,.tif");
});

test("a file is sent with its name and size; the same again has another number", async () => {
  const { model, pick } = shown();
  await pick("abc");
  expect(model.sent[0].picked).toEqual({ name: "mine.png", size: 3, number: 1 });
  const content = /** @type {DataView} */ (model.get("content"));
  expect(String.fromCharCode(content.getUint8(0), content.getUint8(2))).toBe("ac");
  await pick("abd");
  expect(model.get("picked").number).toBe(2);
});

test("of a file that is too large only name and size are sent", async () => {
  const { model, pick } = shown({ largest: 2 });
  await pick("abc");
  expect(model.get("picked")).toEqual({ name: "mine.png", size: 3, number: 1 });
  expect(model.get("content").byteLength).toBe(0);
});

test("nothing is sent when nothing was picked", async () => {
  const { model, pick } = shown();
  await pick();
  expect(model.sent).toEqual([]);
});
