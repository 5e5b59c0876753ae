// The types of src/protocol.rs as the page sees them: what is posted to the worker, and what it answers.
// Settings are left open on purpose: their list comes from the worker (`ready.fields`) and stands nowhere here.

export type Value = number | string | boolean;
export type Settings = Record<string, Value>;
export type Group = "model" | "training";
export type Config = { model: Settings; training: Settings };

export type Command =
  | { command: "set_text"; text: string }
  | { command: "set_text_bytes"; name: string; bytes: Uint8Array }
  | { command: "estimate"; config: Config }
  | { command: "reset"; config: Config }
  | { command: "train" }
  | { command: "step" }
  | { command: "pause" }
  | { command: "evaluate" }
  | {
      command: "sample";
      request: number;
      prompt: string;
      tokens: number;
      temperature: number;
      top_k: number;
      seed: number;
    }
  | { command: "stop_sampling" }
  | { command: "attention"; request: number; prompt: string; layer: number; head: number }
  | { command: "export" }
  | { command: "import"; name: string; bytes: Uint8Array }
  | { command: "replay"; config: Config; weights: Uint8Array; batches: Uint8Array }
  | { command: "benchmark"; presets: string[]; seconds: number };

type Described = { key: string; group: Group; label: string; unit: string; help: string; more: boolean };
export type Field = Described &
  (
    | { kind: "whole"; low: number; high: number }
    | { kind: "real"; low: number; high: number }
    | { kind: "choice"; options: { value: string; label: string }[] }
    | { kind: "switch" }
  );
export type Preset = { key: string; label: string; help: string; config: Config };
export type Adapter = { name: string; backend: string; software: boolean };

export type TextDescription = {
  characters: number;
  tokens: number;
  vocab: number;
  training_tokens: number;
  validation_tokens: number;
  fits_model?: boolean | null;
  unknown_to_model: string[];
};
export type Estimate = {
  parameters: number;
  training_bytes: number;
  largest_buffer_bytes: number;
  dispatches: number;
  flops_per_token: number;
  tokens_per_step: number;
};
export type ProblemKind = "text" | "configuration" | "file" | "gpu" | "training" | "prompt" | "command";
export type Problem = { kind: ProblemKind; message: string; advice: string; request?: number | null };
export type Run = "empty" | "paused" | "training" | "finished";
export type TrainingPoint = { step: number; loss: number; gradient_norm: number; learning_rate: number };
export type ValidationPoint = { step: number; loss: number };
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
  | { event: "ready"; version: string; adapter: Adapter; fields: Field[]; presets: Preset[] }
  | { event: "text_decoded"; name: string; text: string }
  | ({ event: "text_set" } & TextDescription)
  | { event: "estimated"; estimate?: Estimate | null; problem?: Problem | null }
  | {
      event: "model_built";
      config: Config;
      estimate: Estimate;
      step: number;
      imported: boolean;
      fits_text: boolean;
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
    }
  | { event: "evaluated"; step: number; validation_loss: number; batches: number }
  | { event: "sampled"; request: number; text: string; tokens: number }
  | { event: "sampling_finished"; request: number; stopped: boolean }
  | ({ event: "attention_computed" } & Attention)
  | { event: "exported"; name: string; bytes: Uint8Array }
  | { event: "replayed"; bytes: Uint8Array }
  | { event: "benchmarked"; rows: Record<string, string | number>[]; calibration_gflops: number }
  | ({ event: "failed" } & Problem)
  /** Not from the session: the worker's host says that the core has stopped for good. */
  | { event: "crashed"; message: string };
