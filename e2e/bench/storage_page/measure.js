/** Made messages, as they come off the wire, and one contender's time to write them and to read them back. */

const MESSAGES = 100, PAGE = 40, FRAME_CHARS = 1024 * 1024, PAGES = 20;

/** Messages whose content is sealed text of about 600 bytes, in batches of at most a frame each. */
export function makeBatches(total) {
  const sealed = () => {
    const raw = crypto.getRandomValues(new Uint8Array(637));
    raw[0] = 1;
    return btoa(String.fromCharCode(...raw));
  };
  const batches = [[]];
  let chars = 0;
  for (let number = 0; number < total; number += 1) {
    const at = 1_700_000_000_000 + number * 60_000;
    const chat = `chat-${String(Math.floor(number / MESSAGES)).padStart(4, "0")}`;
    const row = {
      id: crypto.randomUUID(), chat_id: chat, role: number % 2 ? "assistant" : "user", version: 1, changed_at: at,
      deleted_at: null, created_at: at, content: sealed(), files: null, embeds: null,
    };
    const size = JSON.stringify(row).length;
    if (chars + size > FRAME_CHARS) {
      batches.push([]);
      chars = 0;
    }
    chars += size;
    batches.at(-1).push(row);
  }
  return batches;
}

/** Write and read back with one contender; milliseconds of each part. Throws when something is missing. */
export async function measure(open, batches) {
  const total = batches.reduce((sum, batch) => sum + batch.length, 0);
  const store = await open(`bench-${crypto.randomUUID()}`);
  const timed = async (work) => {
    const began = performance.now();
    const answer = await work();
    return [performance.now() - began, answer];
  };
  const [write] = await timed(async () => {
    for (const batch of batches) await store.put(batch);
  });
  const [all, rows] = await timed(() => store.all());
  const [pages] = await timed(async () => {
    for (let number = 0; number < PAGES; number += 1) {
      const chat = `chat-${String((number * 7) % (total / MESSAGES)).padStart(4, "0")}`;
      const page = await store.page(chat, PAGE);
      if (page.length !== PAGE) throw new Error(`a page has ${page.length} messages`);
    }
  });
  if (rows.length !== total) throw new Error(`${rows.length} of ${total} came back`);
  await store.close();
  return { write, all, page: pages / PAGES };
}
