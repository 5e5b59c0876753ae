// @ts-check
// Chromium keeps the directory of the private file system in a LevelDB, whose log it goes on with after a crash. A process
// that is killed between the two writes of a record leaves a header without a body there. The next start writes on behind it
// and all seems well; the one after that finds a checksum that does not hold, and passes over whatever else stands in that
// block of the log without a word: every change of the directory since the kill, up to the block's end.
// (LevelDB, doc/log_format.md; `kBadRecord` in db/log_reader.cc; `reuse_logs` in `DBImpl::RecoverLogFile`.)
//
// Nothing tells a page whether there is such a record. So, before it writes what it wants to find again, it fills the log
// past the end of the block with changes that nobody will miss. The browser's process lives longer than a page of it: once
// for each page is enough. Other browsers keep no such log, and may take seconds for what takes Chromium a tenth of one.

// 200 of the 255 bytes that a name may have; a round writes it three times. 32 KiB: a block of the log.
const NAME = "filler".padEnd(200, ".");
const ROUNDS = 80;

/** @typedef {{ userAgentData?: { brands: { brand: string }[] } }} Hints User-Agent Client Hints, which not every browser has */

/**
 * Makes and removes an empty folder until a damaged block of the log, if there is one, lies behind. Several tabs may do so at
 * once: in each round of each of them the folder goes, and must have been made for that.
 * @param {FileSystemDirectoryHandle} root of the private file system
 * @returns {Promise<void>}
 * @throws what the file system says, QuotaExceededError where it is full
 */
export async function passTornRecord(root) {
  const { userAgentData } = /** @type {Hints} */ (navigator);
  if (!userAgentData?.brands.some(({ brand }) => brand === "Chromium")) return;
  for (let round = 0; round < ROUNDS; round += 1) {
    await root.getDirectoryHandle(NAME, { create: true });
    await root.removeEntry(NAME).catch(removedElsewhere);
  }
}

/** Passes over what says that another tab has removed the folder, or does so now. @param {unknown} error */
function removedElsewhere(error) {
  if (!["NotFoundError", "NoModificationAllowedError"].includes(/** @type {Partial<DOMException>} */ (error).name ?? "")) throw error;
}
