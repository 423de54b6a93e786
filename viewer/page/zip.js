// SPDX-License-Identifier: GPL-2.0-or-later
// A zip of stored files, without dates: the same files give the same bytes.

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; ++bit) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ crcTable[(value ^ byte) & 0xff];
  return ~value >>> 0;
}

/** The record of a file, local (4 bytes of signature, then the common part) or central. @param {number[]} fields pairs of width and value */
function record(...fields) {
  const sizes = fields.filter((_, index) => index % 2 === 0);
  const view = new DataView(new ArrayBuffer(sizes.reduce((sum, width) => sum + width, 0)));
  for (let at = 0, index = 0; index < fields.length; at += fields[index], index += 2) {
    if (fields[index] === 2) view.setUint16(at, fields[index + 1], true);
    else view.setUint32(at, fields[index + 1], true);
  }
  return new Uint8Array(view.buffer);
}

/**
 * The parts of the archive, one after another. Names are UTF-8; a file and the archive stay below 4 GiB.
 * @param {Iterable<[string, Uint8Array]>} files
 */
export function zipOf(files) {
  const date = 0x21; // 1 January 1980, midnight: the earliest there is
  /** @type {Uint8Array[]} */
  const parts = [];
  /** @type {Uint8Array[]} */
  const directory = [];
  let offset = 0;
  for (const [name, bytes] of files) {
    const title = new TextEncoder().encode(name);
    const common = [2, 20, 2, 0x800, 2, 0, 2, 0, 2, date, 4, crc32(bytes), 4, bytes.length, 4, bytes.length, 2, title.length, 2, 0];
    const local = record(4, 0x04034b50, ...common);
    parts.push(local, title, bytes);
    directory.push(record(4, 0x02014b50, 2, 20, ...common, 2, 0, 2, 0, 2, 0, 4, 0, 4, offset), title);
    offset += local.length + title.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = directory.length / 2;
  parts.push(...directory, record(4, 0x06054b50, 2, 0, 2, 0, 2, count, 2, count, 4, size, 4, offset, 2, 0));
  return parts;
}
