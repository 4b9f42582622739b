// Prints what a board prints for `identity`: node identity.mjs tinynmf_web.wasm
import { readFile } from "node:fs/promises";

const print = (text, length) => {
  console.log(new TextDecoder().decode(new Uint8Array(instance.exports.memory.buffer, text, length)));
};
const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), { host: { print } });
process.exitCode = instance.exports.identity();
