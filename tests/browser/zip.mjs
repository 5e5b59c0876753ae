// @ts-check
/** A zip as the page writes it. */

/** The stored entries of a zip, by name. @param {Buffer} zip */
export function entries(zip) {
  /** @type {Map<string, Buffer>} */
  const found = new Map();
  let at = zip.readUInt32LE(zip.length - 22 + 16);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [length, name, extra, comment, local] = [zip.readUInt32LE(at + 24), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)];
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    found.set(zip.toString("utf8", at + 46, at + 46 + name), zip.subarray(from, from + length));
    at += 46 + name + extra + comment;
  }
  return found;
}
