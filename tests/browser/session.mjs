// @ts-check
/** A session of a test's own: the page's real worker without the page's panels, spoken to in commands and events. */

/**
 * @typedef {Record<string, any> & { event: string }} Event
 * @typedef {object} Session
 * @property {Event} ready what the worker said first
 * @property {(command: Record<string, unknown>) => Promise<void>} post sends a command and waits for nothing
 * @property {(name: string) => Promise<Event>} next the next event of this name that was not taken yet
 * @property {(step: number) => Promise<void>} reached waits until a report of training is of that step or a later one, and leaves it to be taken
 * @property {(command: Record<string, unknown>, answer: string) => Promise<Event>} ask sends a command, waits for its answer
 * @property {(command: Record<string, unknown>) => Promise<Event>} refused sends a command that has to fail
 * @property {(config: Record<string, unknown>, text?: string) => Promise<Event[]>} train a fresh model to its last step; its reports
 * @property {(settings: Record<string, unknown>) => Promise<string>} sample the whole text
 */

/**
 * @param {import("playwright-core").Page} page
 * @param {"cpu" | "gpu"} [on] where it computes; on the CPU unless told
 * @returns {Promise<Session>} ready for its first command
 */
export async function startSession(page, on = "cpu") {
  const there = await page.evaluateHandle((on) => {
    const worker = new Worker("./worker_loader.js", { type: "module", name: on });
    /** @type {any[]} */
    const events = [];
    /** @type {(() => void)[]} */
    const waiting = [];
    const hear = (/** @type {any} */ event) => {
      events.push(event);
      for (const wake of waiting.splice(0)) wake();
    };
    worker.addEventListener("message", ({ data }) => hear(data));
    worker.addEventListener("error", (error) => hear({ event: "crashed", message: error.message }));
    return {
      post: (/** @type {any} */ command) => worker.postMessage(command),
      /** Takes the first event of one of these names; what came before it is forgotten only if it bears the name. */
      async next(/** @type {string[]} */ names) {
        for (;;) {
          const at = events.findIndex(({ event }) => names.includes(event));
          if (at >= 0) return events.splice(at, 1)[0];
          await new Promise((wake) => waiting.push(() => wake(undefined)));
        }
      },
      async reached(/** @type {number} */ least) {
        while (!events.some(({ event, step }) => event === "progressed" && step >= least)) await new Promise((wake) => waiting.push(() => wake(undefined)));
      },
      take: (/** @type {string} */ name) => {
        const taken = events.filter(({ event }) => event === name);
        for (const event of taken) events.splice(events.indexOf(event), 1);
        return taken;
      },
    };
  }, on);
  const post = (/** @type {Record<string, unknown>} */ command) => there.evaluate((here, command) => here.post(command), command);
  /** @param {string[]} names @returns {Promise<Event>} */
  const first = (names) => there.evaluate((here, names) => here.next(names), names);
  /** @param {string} name */
  const next = async (name) => {
    const event = await first([name, "failed", "crashed"]);
    if (event.event !== name) throw new Error(`${name} was expected, the worker says ${JSON.stringify(event)}`);
    return event;
  };
  /** @param {Record<string, unknown>} command @param {string} answer */
  const ask = async (command, answer) => {
    await post(command);
    return next(answer);
  };
  return {
    ready: await next("ready"),
    post,
    next,
    reached: (step) => there.evaluate((here, step) => here.reached(step), step),
    ask,
    async refused(command) {
      await post(command);
      return first(["failed"]);
    },
    async train(config, text) {
      if (text !== undefined) await ask({ command: "set_text", text }, "text_set");
      await ask({ command: "reset", config }, "model_built");
      await post({ command: "train" });
      for (;;) {
        const { state } = await next("state_changed");
        if (state === "finished") return there.evaluate((here) => here.take("progressed"));
      }
    },
    async sample(settings) {
      const sampling = { tokens: 60, temperature: 0, seed: 1, ...settings };
      await post({ command: "sample", request: 1, source: "model", sampling });
      await next("sampling_finished");
      return there.evaluate((here) => here.take("sampled").map((/** @type {any} */ { text }) => text).join(""));
    },
  };
}
