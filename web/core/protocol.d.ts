// The types of src/protocol.rs as the page sees them: what is posted to the worker, and what it answers.
// Settings are left open on purpose: their list comes from the worker (`ready.fields`) and stands nowhere here.

export type Value = number | string | boolean;
export type Settings = Record<string, Value>;
export type Group = "tokenizer" | "data" | "model" | "training" | "sampling";
export type Config = Record<Group, Settings>;
export type NamedFile = { name: string; bytes: Uint8Array };
export type Source = "model" | "counts";

export type Command =
  | { command: "set_text"; text: string }
  | { command: "set_text_bytes"; name: string; bytes: Uint8Array }
  | { command: "set_built_in"; key: string; seed: number }
  | { command: "prepare"; tokenizer: Settings; data: Settings }
  | { command: "set_tokenizer"; files: NamedFile[] }
  | { command: "cancel_preparation" }
  | { command: "estimate"; config: Config }
  | { command: "reset"; config: Config }
  | { command: "fine_tune"; config: Config }
  | { command: "restore_best" }
  | { command: "train" }
  | { command: "step" }
  | { command: "pause" }
  | { command: "evaluate" }
  | { command: "sample"; request: number; source: Source; sampling: Settings; off?: Off }
  | { command: "count_transitions"; request: number; text: string }
  | { command: "compare_tokenizers"; request: number; text: string }
  | { command: "stop_sampling" }
  | { command: "compute_on"; executor: Executor }
  /** How many compute on the CPU, the session's own worker included: 1 up to `most` of `workers_set`, which answers it. */
  | { command: "set_workers"; workers: number }
  | ({ command: "attention"; request: number; prompt: string; layer: number; head: number } & At)
  | ({ command: "look_at_heads"; request: number; prompt: string; size: number } & At)
  | ({ command: "predict"; request: number; prompt: string; off: Off } & At)
  | ({ command: "look_through_lens"; request: number; prompt: string; guesses: number } & At)
  | ({ command: "switch_off"; request: number; off: Off } & At)
  | ({ command: "look_at_tensors"; request: number } & At)
  | ({ command: "project_embeddings"; request: number; tokens: number } & At)
  | ({ command: "find_neighbours"; request: number; token: number } & At)
  | { command: "save" }
  | { command: "resume"; name: string; bytes: Uint8Array }
  /** Without a format: safetensors. `about` stands on the model card; the core has no clock. */
  | { command: "export"; format?: ExportFormat; about?: About }
  | { command: "measure_exports"; about?: About }
  /** A safetensors file of ours, or a zip. */
  | { command: "import"; name: string; bytes: Uint8Array }
  /** A folder that transformers saved, or several files of a model, by path or name. Those that are files are read a stretch at a time. */
  | { command: "import_files"; files: { name: string; bytes: Uint8Array | File }[] }
  | { command: "replay"; config: Config; weights: Uint8Array; batches: Uint8Array }
  | { command: "benchmark"; presets: string[]; seconds: number };

export type Executor = "gpu" | "cpu";
export type ExportFormat = "safetensors" | "transformers" | "gguf";
export type About = { text_name?: string; date?: string };
/** Without `bytes` the format has no place for the model, and `reason` says why. */
export type ExportSize = {
  format: ExportFormat;
  extension: string;
  bytes?: number | null;
  /** The class of transformers that loads the zip; without one it holds a PyTorch module, and `reason` says why. */
  class?: string | null;
  reason?: Wrong | null;
};

/** Which weights are looked at: those kept at this step (`checkpoints_kept`); those of this moment without one. */
export type At = { at?: number | null };

/** Where a setting comes from: authors, year and title, and where to read it. */
export type Paper = { title: string; url: string };
type Described = {
  key: string;
  group: Group;
  label: string;
  unit: string;
  help: string;
  /** On one line; empty where there is none. */
  formula: string;
  source: Paper[];
  more: boolean;
  /** Where it matters: only while another field of its group has one of these values. */
  when?: { key: string; values: string[] } | null;
};
export type Field = Described &
  (
    | { kind: "whole"; low: number; high: number }
    | { kind: "real"; low: number; high: number }
    | { kind: "choice"; options: { value: string; label: string; formula: string }[] }
    | { kind: "switch" }
    | { kind: "text" }
  );
export type Preset = { key: string; label: string; help: string; config: Config };
export type BuiltIn = { key: string; label: string; help: string; task: boolean };
export type Recipe = {
  key: string;
  label: string;
  help: string;
  notes: string[];
  /** Key of its built-in text. */
  text: string;
  /** Whether it ends with counting: there is nothing to train. */
  counts: boolean;
  config: Config;
  fine_tuning?: { text: string; config: Config } | null;
  /** The same model with one piece switched off each. */
  pieces: { key: string; label: string; config: Config }[];
};
export type Adapter = { name: string; backend: string; software: boolean };

export type Change = {
  what: "normalise_newlines" | "collapse_whitespace" | "ascii_only" | "lower_case";
  /** Changed or removed. */
  characters: number;
  examples: { before: string; after: string; count: number }[];
};
export type Baselines = { unigram?: number | null; bigram?: number | null };
export type TextDescription = {
  characters: number;
  cleaned_characters: number;
  changes: Change[];
  tokens: number;
  vocab: number;
  tokenizer: Settings;
  lossless: boolean;
  training_tokens: number;
  validation_tokens: number;
  /** Documents or lines to train on, and held out, where they are kept whole. */
  documents?: [number, number] | null;
  unknown_tokens: number;
  vocabulary: string[];
  /** How often each of its tokens stands in the training part, by id. */
  frequencies: number[];
  /** Ids of the training text's first tokens. */
  beginning: number[];
  counts: { baselines: Baselines; add_k: number; entropy: number; conditional_entropy: number; pairs: number };
  task: boolean;
  fits_model?: boolean | null;
  unknown_to_model: string[];
};
export type Estimate = {
  parameters: number;
  /** In the session's own worker. */
  training_bytes: number;
  /** How many would compute, and what each but the session's own would take; 0 where there is no other. */
  workers: number;
  helper_bytes: number;
  largest_buffer_bytes: number;
  dispatches: number;
  flops_per_token: number;
  tokens_per_step: number;
};
export type ProblemKind = "text" | "configuration" | "file" | "gpu" | "training" | "prompt" | "command";
/** What went wrong: a code, and what its sentence names. `error` among the values is another one of these. */
export type Wrong = { code: string; values?: Record<string, any> };
/** What to do, where that is not what the code's own advice says. */
export type Advice = "stays_here" | "leave_out_of_prompt" | "look_up_in_text" | "choose_token" | "export_instead";
export type Problem = Wrong & {
  kind: ProblemKind;
  advice?: Advice | null;
  /** The setting at fault, as "group.key". */
  field?: string | null;
  request?: number | null;
};
export type Run = "empty" | "paused" | "training" | "finished";
export type TrainingPoint = {
  step: number;
  loss: number;
  perplexity: number;
  bits_per_character: number;
  gradient_norm: number;
  learning_rate: number;
  tokens_seen: number;
};
export type Score = { exact: number; of: number };
export type ValidationPoint = {
  step: number;
  loss: number;
  perplexity: number;
  bits_per_character: number;
  tokens_seen: number;
  score?: Score | null;
};
/** How fast one preset writes: milliseconds a token out of the cache, and by full passes. */
export type DecodingRow = { preset: string; milliseconds: number; tokens_per_second: number; full_pass: number };
export type Best = { step: number; loss: number };
export type Candidate = { id: number; text: string; probability: number };
export type SampledToken = Candidate & { candidates: Candidate[] };
/** Pieces of the model that are switched off: heads as [layer, head], layers of each kind. */
export type Off = { heads?: [number, number][]; attention?: number[]; mlp?: number[] };
export type HeadLook = {
  layer: number;
  head: number;
  /** Nats. */
  entropy: number;
  /** Mean weights on the token before, and on the first one. */
  previous: number;
  first: number;
  /** Mean weight on what followed earlier occurrences of the same token; null where none repeats. */
  induction?: number | null;
  /** Row-major [side, side]. */
  thumbnail: ArrayLike<number>;
  side: number;
};
export type Spread = {
  mean: number;
  deviation: number;
  low: number;
  high: number;
  bars: number[];
  not_finite: number;
};
export type TensorLook = { name: string; shape: number[]; weights: Spread; gradient?: Spread | null };
export type Neighbour = { id: number; text: string; cosine: number };
/** A text by one kind of tokenizer, made from the text in memory. */
export type TokenizerLook = {
  /** As the field `tokenizer.kind` has it. */
  kind: string;
  vocab: number;
  ids: number[];
  /** Their texts. */
  tokens: string[];
  /** Tokens that are `<unk>`. */
  unknown: number;
  lossless: boolean;
};
export type Transition = { previous: string; next: string; count: number; probability: number };
export type Attention = {
  request: number;
  step: number;
  layer: number;
  head: number;
  tokens: string[];
  /** Row-major [seq, seq]: row = query, column = key. */
  weights: ArrayLike<number>;
};

export type Event =
  | {
      event: "ready";
      version: string;
      adapter: Adapter;
      fields: Field[];
      presets: Preset[];
      texts: BuiltIn[];
      recipes: Recipe[];
    }
  | { event: "moved"; adapter: Adapter }
  /**
   * Behind `ready` and `moved` where the CPU computes, as the answer to `set_workers`, and unasked where helpers fail. Where
   * something lacks there is one: the browser makes no workers inside workers, the exported page has none, or helpers failed
   * three times in a row.
   */
  | { event: "workers_set"; workers: number; most: number; lack: "nested_workers" | "page" | "failing" | null }
  /** A helper died, of which the browser may say why, or gave no answer. Its share was computed by another, and it is replaced. */
  | { event: "worker_lost"; step: number; silent: boolean; message: string }
  | { event: "text_decoded"; name: string; text: string }
  | { event: "tokenizer_read"; name: string; vocab: number; lossless: boolean }
  | { event: "preparing"; stage: "counting" | "merging" | "encoding"; done: number; of: number }
  | { event: "preparation_cancelled" }
  | ({ event: "text_set" } & TextDescription)
  | { event: "estimated"; estimate?: Estimate | null; problem?: Problem | null }
  | {
      event: "model_built";
      config: Config;
      estimate: Estimate;
      step: number;
      origin: "fresh" | "imported" | "fine_tuned" | "resumed";
      fits_text: boolean;
      /** Texts of the model's tokens, by id. */
      vocabulary: string[];
      steps: number;
      steps_per_epoch?: number | null;
      baselines?: Baselines | null;
    }
  | { event: "state_changed"; state: Run }
  | {
      event: "progressed";
      step: number;
      steps: number;
      training: TrainingPoint[];
      validation: ValidationPoint[];
      tokens_per_second: number;
      seconds_left: number;
      uniform_loss: number;
      best?: Best | null;
      epochs: number;
    }
  /** Steps whose weights can be looked at, in order; at every change. Empty where the model is too large to keep any. */
  | { event: "checkpoints_kept"; steps: number[] }
  | { event: "sample_taken"; step: number; prompt: string; text: string; tokens: number }
  | { event: "stopped_early"; step: number; patience: number; best: Best }
  | { event: "best_restored"; best: Best }
  | ({ event: "warned" } & Problem)
  | { event: "evaluated"; point: ValidationPoint; batches: number }
  | { event: "sampled"; request: number; text: string; tokens: SampledToken[] }
  | { event: "sampling_finished"; request: number; stopped: boolean }
  | { event: "transitions_counted"; request: number; total: number; different: number; transitions: Transition[] }
  | { event: "tokenizers_compared"; request: number; looks: TokenizerLook[] }
  | ({ event: "attention_computed" } & Attention)
  | { event: "heads_looked_at"; request: number; step: number; tokens: string[]; heads: HeadLook[] }
  | { event: "predicted"; request: number; step: number; logits: ArrayLike<number> }
  | {
      event: "lens_looked";
      request: number;
      step: number;
      tokens: string[];
      /** [layers + 1][seq][guesses], likeliest first. */
      guesses: Candidate[][][];
    }
  | { event: "switched_off"; request: number; step: number; whole: number; without: number; tokens: number }
  | { event: "tensors_looked_at"; request: number; step: number; tensors: TensorLook[] }
  | {
      event: "embeddings_projected";
      request: number;
      step: number;
      ids: number[];
      tokens: string[];
      projection: { points: [number, number][]; explained: [number, number] };
    }
  | { event: "neighbours_found"; request: number; token: string; neighbours: Neighbour[] }
  /** A part of the file that a session is saved as, in order; `offset` and `size` in bytes. */
  | { event: "saved_part"; offset: number; size: number; step: number; bytes: Uint8Array }
  | { event: "exported"; name: string; bytes: Uint8Array }
  | { event: "exports_measured"; formats: ExportSize[] }
  | { event: "replayed"; bytes: Uint8Array }
  | { event: "benchmarked"; rows: Record<string, string | number>[]; decoding: DecodingRow[]; calibration_gflops: number }
  | ({ event: "failed" } & Problem)
  /** Not from the session: the worker's host says that the core has stopped for good. */
  | { event: "crashed"; message: string }
  /** Not from the session either: there can be none in this browser. */
  | { event: "lacking"; feature: "webAssembly" | "simd" | "moduleWorkers" };
