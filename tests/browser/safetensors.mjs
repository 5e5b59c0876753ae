// @ts-check
/** The safetensors format: eight bytes of header length, a JSON header, the numbers. */

/**
 * @typedef {{ dtype: string, shape: number[], data_offsets: [number, number] }} Entry
 * @typedef {Record<string, Entry | Record<string, string>>} Header with the metadata under `__metadata__`
 */

/**
 * The header, and the bytes behind it.
 * @param {Uint8Array} bytes
 * @returns {{ header: Header, data: Uint8Array }}
 */
export function split(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))), data: bytes.subarray(8 + length) };
}

/**
 * A file of a header and the bytes behind it.
 * @param {Header} header
 * @param {Uint8Array} data
 */
export function join(header, data) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/**
 * Every F32 tensor of a file.
 * @param {Uint8Array} bytes
 * @returns {Map<string, Float32Array>}
 */
export function floats(bytes) {
  const { header, data } = split(bytes);
  const tensors = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, data_offsets: [from, to] } = /** @type {Entry} */ (entry);
    if (dtype !== "F32") throw new Error(`${name} is ${dtype}, not F32`);
    tensors.set(name, new Float32Array(Uint8Array.from(data.subarray(from, to)).buffer));
  }
  return tensors;
}
