// @ts-check
/** @import { Event } from "../core/protocol" */
/** @import { Problems } from "./problems.js" */
/** @import { State } from "./state.js" */
/** @import { Workers } from "./worker.js" */
// What went wrong, and what else a person is told.

import { alike } from "../i18n/problems.js";
import { failedPlace } from "./failures.js";
import { isAwaited } from "./looks.js";
import { withoutProblems } from "./problems.js";

/**
 * @typedef {Extract<Event, { event: "best_restored" | "warned" | "worker_lost" }> | Workers} News
 *
 * @typedef {object} NoticesState
 * @property {Problems} problems
 * @property {readonly News[]} news
 */

/** @returns {NoticesState} */
export const initialNotices = () => ({ problems: {}, news: [] });

/** @param {Readonly<State>} state @param {Event} event @returns {Partial<NoticesState>} */
export function reduceNotices(state, event) {
  const { news } = state;
  switch (event.event) {
    case "ready":
      return { problems: {}, news: news.filter((told) => !aboutWorkers(told)) };
    case "crashed":
      return { problems: {} };
    case "moved":
      return { problems: withoutProblems(state, "command", "gpu"), news: news.filter((told) => !aboutWorkers(told)) };
    case "workers_set":
      return event.lack === "failing" && state.workers?.lack !== "failing" ? { news: [...news, event] } : {};
    case "worker_lost":
    case "best_restored":
      return { news: [...news.filter((told) => told.event !== event.event), event] };
    case "warned":
      return { news: [...news.filter((told) => told.event !== "warned" || !alike(told, event)), event] };
    case "tokenizer_read":
      return { problems: withoutProblems(state, "tokenizer") };
    case "text_set":
      return { problems: withoutProblems(state, "text") };
    case "model_built":
      return {
        problems: withoutProblems(state, "configuration", "file", "gpu", "training", "prompt", "command"),
        news: news.filter((told) => aboutText(told) || told.event === "workers_set"),
      };
    case "state_changed":
      return event.state === "training" ? { problems: withoutProblems(state, "training", "command") } : {};
    case "attention_computed":
    case "heads_looked_at":
    case "predicted":
    case "lens_looked":
      return isAwaited(state.looks, event.request) ? { problems: withoutProblems(state, "prompt") } : {};
    case "failed": {
      const place = failedPlace(state, event);
      return place ? { problems: { ...state.problems, [place]: event } } : {};
    }
    default:
      return {};
  }
}

/** Whether news is about the text, and so outlives a model. @param {News} news */
export const aboutText = (news) => news.event === "warned" && news.kind === "text";

/** Whether news is about those who compute, and does not outlive them. @param {News} news */
const aboutWorkers = ({ event }) => event === "worker_lost" || event === "workers_set";
