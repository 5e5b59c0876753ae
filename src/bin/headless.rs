//! The session without a browser: commands as JSON lines on standard input, events as JSON lines on standard output, on a
//! native adapter or on the CPU. What the page can do, a script can.

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use fledgling::benchmark;
    use fledgling::device::{Device, Executor};
    use fledgling::gpu::GpuError;
    use fledgling::kernels::Kernel;
    use fledgling::protocol::{Command, Event, NamedFile, ProblemKind, SessionProblem};
    use fledgling::session::{Host, Session, no_gpu};
    use fledgling::threads::Threads;
    use fledgling::weights::Source;
    use fledgling::{inference, trainer};
    use serde::Serialize;
    use serde_json::{Value, json};
    use std::borrow::Cow;
    use std::cell::RefCell;
    use std::collections::{BTreeMap, HashMap};
    use std::fs::{File, OpenOptions};
    use std::io::{BufRead, Read, Seek, SeekFrom, Write};
    use std::num::NonZeroUsize;
    use std::ops::Range;
    use std::process::ExitCode;
    use std::rc::Rc;
    use std::sync::OnceLock;
    use std::sync::mpsc::{Receiver, TryRecvError, channel};
    use std::time::Instant;

    const HELP: &str = r#"fledgling headless: trains and samples a small language model on a native GPU, or on the CPU.

    headless              JSON commands on standard input, one a line; JSON events on standard output
    headless bench [KEY…] the benchmark tables of GPU and CPU for micro, S, M or L (default: micro S M)
    headless shaders      WGSL and overrides of every kernel that training, evaluation and sampling of these four use, as JSON
    headless shaders all  WGSL of every kernel there is
    headless --cpu …      the same without a GPU, on all cores
    headless --cpu --threads 2 …  on so many
  headless --help       this

Commands, each with an example line. Files may stand in for text and bytes: "path" reads or writes one.

  set_text          {"command":"set_text","text":"to be or not to be"}
  set_text_bytes    {"command":"set_text_bytes","path":"corpus.txt"}
  set_built_in      {"command":"set_built_in","key":"stories","seed":1}
  prepare           {"command":"prepare","tokenizer":{"kind":"bpe","vocabulary":2048},"data":{"division":"document"}}
  set_tokenizer     {"command":"set_tokenizer","path":"tokenizer.json"}   or "vocab":"vocab.json","merges":"merges.txt"
  cancel_preparation {"command":"cancel_preparation"}
  estimate          {"command":"estimate","config":{"model":{"layers":4,"width":128,"heads":4,"kv_heads":4,"hidden":512,"context":64},"training":{"batch":12}}}
  reset             {"command":"reset","config":{"model":{"width":64},"training":{"steps":500,"seed":1}}}
  fine_tune         {"command":"fine_tune","config":{"training":{"steps":100,"learning_rate":1e-5}}}
  restore_best      {"command":"restore_best"}
  train             {"command":"train"}
  step              {"command":"step"}
  pause             {"command":"pause"}
  evaluate          {"command":"evaluate"}
  sample            {"command":"sample","request":1,"source":"model","sampling":{"prompt":"ROMEO:","tokens":100,"top_k":20}}   off: as in predict
  count_transitions {"command":"count_transitions","request":3,"text":"t"}
  compare_tokenizers {"command":"compare_tokenizers","request":11,"text":"To be, or not to be"}
  stop_sampling     {"command":"stop_sampling"}
  compute_on        {"command":"compute_on","executor":"cpu"}
  set_workers       {"command":"set_workers","workers":2}   threads on the CPU
  attention         {"command":"attention","request":2,"prompt":"To be","layer":0,"head":0,"at":250}   at: as checkpoints_kept said
  look_at_heads     {"command":"look_at_heads","request":4,"prompt":"To be","size":32}
  predict           {"command":"predict","request":5,"prompt":"To be","off":{"heads":[[0,1]]}}
  look_through_lens {"command":"look_through_lens","request":6,"prompt":"To be","guesses":3}
  switch_off        {"command":"switch_off","request":7,"off":{"mlp":[0]}}
  look_at_tensors   {"command":"look_at_tensors","request":8}
  project_embeddings {"command":"project_embeddings","request":9,"tokens":500}
  find_neighbours   {"command":"find_neighbours","request":10,"token":3}
  save              {"command":"save","path":"session.safetensors"}
  resume            {"command":"resume","path":"session.safetensors"}
  export            {"command":"export","path":"model.zip","format":"transformers","about":{"text_name":"Verse","date":"2026-01-31"}}
                    format: safetensors (without one), transformers or gguf
  measure_exports   {"command":"measure_exports","about":{"text_name":"Verse","date":"2026-01-31"}}
  import            {"command":"import","path":"model.safetensors"}   or a zip
  import_files      {"command":"import_files","path":"folder"}   or "paths":["config.json","model.safetensors","tokenizer.json"]
  replay            {"command":"replay","config":{…},"weights":"weights.safetensors","batches":"batches.safetensors","path":"out.safetensors"}
  benchmark         {"command":"benchmark","presets":["micro","S"],"seconds":5}
  wait              {"command":"wait"}   takes no more lines until text, training, evaluation and sampling are done

Keys of "config" that are left out keep their defaults (the preset micro). The program ends when its input has ended and
nothing is left to do; its exit status is 1 where a command failed, which "failed" says by a code with values.
"#;

    struct Lines {
        began: Instant,
        /// Where the file goes that the command under way will answer with.
        out_path: Option<String>,
        /// Files of the command under way, by path.
        held: HashMap<String, Rc<OnDisk>>,
        failed: bool,
    }

    /// A file that is read a stretch at a time.
    struct OnDisk {
        file: RefCell<File>,
        size: u64,
    }

    impl Source for OnDisk {
        fn size(&self) -> u64 {
            self.size
        }
        fn read(&self, at: Range<u64>) -> Result<Cow<'_, [u8]>, String> {
            let mut file = self.file.borrow_mut();
            let mut bytes = Vec::new();
            let read = file.seek(SeekFrom::Start(at.start)).and_then(|_| {
                let length = at.end - at.start;
                bytes.resize(usize::try_from(length).map_err(std::io::Error::other)?, 0);
                file.read_exact(&mut bytes)
            });
            read.map(|()| Cow::Owned(bytes)).map_err(|e| e.to_string())
        }
    }

    impl Host for Lines {
        async fn open(&self, on: Executor) -> Result<Device, GpuError> {
            open(on).await
        }
        fn emit(&mut self, event: Event) {
            let line = match (self.out_path.take(), event) {
                (Some(path), Event::Exported { bytes, .. }) => self.write("exported", &path, true, &bytes),
                (Some(path), Event::Replayed { bytes }) => self.write("replayed", &path, true, &bytes),
                (Some(path), Event::SavedPart { offset, size, bytes, .. }) => {
                    let written = self.write("saved_part", &path, offset == 0.0, &bytes);
                    let last = offset + bytes.len() as f64 >= size;
                    self.out_path = Some(path).filter(|_| !last && written["event"] != "failed");
                    written
                }
                (path, event) => {
                    self.failed |= matches!(event, Event::Failed(_));
                    self.out_path = path.filter(|_| !matches!(event, Event::Failed(_)));
                    serde_json::to_value(event).unwrap_or_default()
                }
            };
            say(&line);
        }
        fn now(&self) -> f64 {
            self.began.elapsed().as_secs_f64() * 1000.0
        }
        fn file(&self, name: &str) -> Option<Rc<dyn Source>> {
            self.held.get(name).map(|file| Rc::clone(file) as Rc<dyn Source>)
        }
    }

    fn say(line: &Value) {
        let mut out = std::io::stdout().lock();
        // A reader that went away is no failure of ours.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    /// What is refused before the session hears of it.
    #[derive(Serialize)]
    #[serde(tag = "code", content = "values", rename_all = "snake_case")]
    enum Refused {
        PathUnreadable {
            path: String,
            reason: String,
        },
        PathUnwritable {
            path: String,
            reason: String,
        },
        TakesNoPath {
            command: String,
        },
        #[serde(untagged)]
        Line(SessionProblem),
    }

    impl Refused {
        /// As the session's own problems are said.
        fn event(self) -> Value {
            #[derive(Serialize)]
            struct Failed {
                event: &'static str,
                kind: ProblemKind,
                #[serde(flatten)]
                refused: Refused,
            }
            let kind = if matches!(self, Self::Line(_)) { ProblemKind::Command } else { ProblemKind::File };
            serde_json::to_value(Failed { event: "failed", kind, refused: self }).unwrap_or_default()
        }
    }

    fn unreadable(path: &str, error: &std::io::Error) -> Refused {
        Refused::PathUnreadable { path: path.to_owned(), reason: error.to_string() }
    }

    impl Lines {
        /// Says what was refused.
        fn refuse(&mut self, refused: Refused) {
            self.failed = true;
            say(&refused.event());
        }

        /// Opens files, which are read as they are needed.
        fn hold(&mut self, paths: Vec<String>) -> Result<Vec<NamedFile>, Refused> {
            self.held.clear();
            for path in &paths {
                let file = File::open(path).map_err(|e| unreadable(path, &e))?;
                let size = file.metadata().map_err(|e| unreadable(path, &e))?.len();
                self.held.insert(path.clone(), Rc::new(OnDisk { file: RefCell::new(file), size }));
            }
            Ok(paths.into_iter().map(|name| NamedFile { name, bytes: Default::default(), held: true }).collect())
        }

        /// Writes a file's beginning, or goes on behind it.
        fn write(&mut self, event: &str, path: &str, anew: bool, bytes: &[u8]) -> Value {
            let open = OpenOptions::new().create(anew).truncate(anew).write(anew).append(!anew).open(path);
            match open.and_then(|mut file| file.write_all(bytes)) {
                Ok(()) => json!({"event": event, "path": path, "size": bytes.len()}),
                Err(e) => {
                    self.failed = true;
                    Refused::PathUnwritable { path: path.to_owned(), reason: e.to_string() }.event()
                }
            }
        }
    }

    /// The files of a folder, not of the folders in it.
    fn files_in(folder: &str) -> Result<Vec<String>, Refused> {
        let unreadable = |e: std::io::Error| unreadable(folder, &e);
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_file() {
                paths.push(path.to_string_lossy().into_owned());
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// A line's command, with the file that "path" names in place of its bytes; None is `wait`.
    fn parse(line: &str, host: &mut Lines) -> Result<Option<Command>, Refused> {
        let bad = |e: serde_json::Error| Refused::Line(SessionProblem::NotACommand { reason: e.to_string() });
        let mut value: Value = serde_json::from_str(line).map_err(bad)?;
        let Some(object) = value.as_object_mut() else {
            return serde_json::from_value(value).map(Some).map_err(bad);
        };
        let name = object.get("command").and_then(Value::as_str).unwrap_or_default().to_owned();
        if name == "wait" {
            return Ok(None);
        }
        let read = |path: &str| std::fs::read(path).map_err(|e| unreadable(path, &e));
        let mut take = |key: &str| object.remove(key).and_then(|p| p.as_str().map(str::to_owned));
        match (name.as_str(), take("path")) {
            ("replay", out) => {
                let (weights, batches) = (take("weights").unwrap_or_default(), take("batches").unwrap_or_default());
                let config = object.remove("config").unwrap_or_default();
                let config = serde_json::from_value(config).map_err(bad)?;
                let (weights, batches) = (read(&weights)?.into(), read(&batches)?.into());
                host.out_path = out;
                Ok(Some(Command::Replay { config, weights, batches }))
            }
            ("set_tokenizer", path) => {
                let paths: Vec<String> = path.into_iter().chain(take("vocab")).chain(take("merges")).collect();
                let file = |path: &String| Ok(NamedFile { name: path.clone(), bytes: read(path)?.into(), held: false });
                Ok(Some(Command::SetTokenizer { files: paths.iter().map(file).collect::<Result<_, Refused>>()? }))
            }
            ("import", Some(path)) => Ok(Some(Command::ImportFiles { files: host.hold(vec![path])? })),
            ("set_text_bytes", Some(path)) => {
                Ok(Some(Command::SetTextBytes { bytes: read(&path)?.into(), name: path }))
            }
            ("import_files", folder) => {
                let listed = object.remove("paths").and_then(|paths| serde_json::from_value(paths).ok());
                let paths: Vec<String> = match folder {
                    Some(folder) => files_in(&folder)?,
                    None => listed.unwrap_or_default(),
                };
                Ok(Some(Command::ImportFiles { files: host.hold(paths)? }))
            }
            ("export", out) => {
                let command = serde_json::from_value(value).map_err(bad)?;
                host.out_path = out;
                Ok(Some(command))
            }
            ("save", out) => {
                host.out_path = out;
                Ok(Some(Command::Save))
            }
            ("resume", Some(path)) => Ok(Some(Command::Resume { bytes: read(&path)?.into(), name: path })),
            (_, Some(_)) => Err(Refused::TakesNoPath { command: name }),
            (_, None) => serde_json::from_value(value).map(Some).map_err(bad),
        }
    }

    fn read_lines() -> Receiver<String> {
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        lines
    }

    async fn serve(session: &mut Session, host: &mut Lines) {
        let lines = read_lines();
        let (mut ended, mut waiting) = (false, false);
        loop {
            waiting &= session.busy();
            if !waiting && !ended {
                let next = if session.busy() {
                    lines.try_recv()
                } else {
                    lines.recv().map_err(|_| TryRecvError::Disconnected)
                };
                match next {
                    Ok(line) if line.trim().is_empty() => {}
                    Ok(line) => match parse(&line, host) {
                        Ok(Some(command)) => session.handle(command, host).await,
                        Ok(None) => waiting = true,
                        Err(refused) => host.refuse(refused),
                    },
                    Err(TryRecvError::Disconnected) => ended = true,
                    Err(TryRecvError::Empty) => session.work(host).await,
                }
            } else if session.busy() {
                session.work(host).await;
            } else if ended {
                return;
            }
        }
    }

    /// Prints the benchmark's table for people.
    struct Table {
        began: Instant,
        failed: bool,
    }

    impl Host for Table {
        async fn open(&self, on: Executor) -> Result<Device, GpuError> {
            open(on).await
        }
        fn emit(&mut self, event: Event) {
            match event {
                Event::Ready { adapter, .. } => println!("{} ({})", adapter.name, adapter.backend),
                Event::Benchmarked { rows, decoding, calibration_gflops } => {
                    println!("calibration product 1024×384×384: {calibration_gflops:.1} GFLOP/s");
                    println!(
                        "{:>7} {:>10} {:>10} {:>9} {:>8} {:>10} {:>7} {:>8} {:>8} {:>8} {:>8} {:>9}",
                        "preset",
                        "ms/step",
                        "tokens/s",
                        "GFLOP/s",
                        "of cal.",
                        "dispatches",
                        "passes",
                        "submits",
                        "groups+",
                        "buffers+",
                        "bytes up",
                        "readbacks"
                    );
                    for r in rows {
                        println!(
                            "{:>7} {:>10.2} {:>10.0} {:>9.2} {:>8.2} {:>10.0} {:>7.0} {:>8.0} {:>8.0} {:>8.0} {:>8.0} {:>9.0}",
                            r.preset,
                            r.milliseconds,
                            r.tokens_per_second,
                            r.gflops,
                            r.of_calibration,
                            r.dispatches,
                            r.passes,
                            r.submits,
                            r.bind_groups_created,
                            r.buffers_created,
                            r.bytes_uploaded,
                            r.readbacks
                        );
                    }
                    println!("{:>7} {:>10} {:>10} {:>14}", "preset", "ms/token", "tokens/s", "full pass, ms");
                    for r in decoding {
                        println!(
                            "{:>7} {:>10.2} {:>10.0} {:>14.2}",
                            r.preset, r.milliseconds, r.tokens_per_second, r.full_pass
                        );
                    }
                }
                Event::Failed(problem) => {
                    self.failed = true;
                    eprintln!("{}", serde_json::to_value(problem).unwrap_or_default());
                }
                _ => {}
            }
        }
        fn now(&self) -> f64 {
            self.began.elapsed().as_secs_f64() * 1000.0
        }
    }

    /// A kernel for whoever wants to compile it elsewhere.
    fn shader(kernel: &Kernel, overrides: &BTreeMap<&'static str, u32>) -> Value {
        json!({"name": kernel.name, "entry": kernel.entry, "wgsl": kernel.sources.concat(), "overrides": overrides})
    }

    /// Every kernel that the sizes of the benchmark use, once with each set of overrides.
    fn shaders() -> Result<Value, String> {
        let mut used: Vec<(&Kernel, BTreeMap<&'static str, u32>)> = Vec::new();
        for (_, config) in benchmark::sizes() {
            let checked = config.check().map_err(|e| format!("{e:?}"))?;
            let training = trainer::record(&checked, checked.training.batch, checked.architecture.context)
                .map_err(|e| format!("{e:?}"))?;
            let recordings = [training].into_iter().chain(inference::recordings(&checked));
            for dispatch in recordings.flat_map(|recording| recording.dispatches) {
                // An override is a flag or a small number.
                let overrides = dispatch.overrides.iter().map(|&(name, value)| (name, value as u32)).collect();
                if !used.iter().any(|(kernel, set)| kernel.name == dispatch.kernel.name && *set == overrides) {
                    used.push((dispatch.kernel, overrides));
                }
            }
        }
        used.sort_by(|(a, set_a), (b, set_b)| (a.name, set_a).cmp(&(b.name, set_b)));
        Ok(used.iter().map(|(kernel, overrides)| shader(kernel, overrides)).collect())
    }

    /// Threads that compute on the CPU, one for each core unless it was said.
    static THREADS: OnceLock<NonZeroUsize> = OnceLock::new();

    fn threads() -> usize {
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        THREADS.get_or_init(cores).get()
    }

    async fn open(on: Executor) -> Result<Device, GpuError> {
        // Natively the system says when its memory is used up.
        const MEMORY: u64 = u64::MAX;
        match on {
            Executor::Gpu => Device::gpu(None, None).await,
            Executor::Cpu => Ok(Device::cpu_with(MEMORY, Rc::new(Threads { workers: threads(), memory: MEMORY }))),
        }
    }

    pub fn main() -> ExitCode {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (chosen, words) = match words.as_slice() {
            ["--cpu", "--threads", number, rest @ ..] => {
                let Ok(number) = number.parse() else {
                    eprintln!("--threads takes a number from 1 on, not {number:?}");
                    return ExitCode::FAILURE;
                };
                let _ = THREADS.set(number);
                (Executor::Cpu, rest)
            }
            ["--cpu", rest @ ..] => (Executor::Cpu, rest),
            all => (Executor::Gpu, all),
        };
        let failed = match words {
            [] => {
                let mut host = Lines { began: Instant::now(), out_path: None, held: HashMap::new(), failed: false };
                match pollster::block_on(open(chosen)) {
                    Ok(device) => {
                        let mut session = Session::new(device, &mut host);
                        pollster::block_on(serve(&mut session, &mut host));
                    }
                    Err(error) => host.emit(no_gpu(error)),
                }
                host.failed
            }
            ["bench", keys @ ..] => {
                let keys = if keys.is_empty() { &["micro", "S", "M"] } else { keys };
                let mut host = Table { began: Instant::now(), failed: false };
                let all = [Executor::Gpu, Executor::Cpu];
                for &executor in if chosen == Executor::Cpu { &all[1..] } else { &all } {
                    match pollster::block_on(open(executor)) {
                        Ok(device) => {
                            let mut session = Session::new(device, &mut host);
                            let presets = keys.iter().map(|k| (*k).to_owned()).collect();
                            let command = Command::Benchmark { presets, seconds: 10.0 };
                            pollster::block_on(session.handle(command, &mut host));
                        }
                        Err(error) => host.emit(no_gpu(error)),
                    }
                }
                host.failed
            }
            ["shaders"] => match shaders() {
                Ok(shaders) => {
                    println!("{shaders}");
                    false
                }
                Err(error) => {
                    eprintln!("{error}");
                    true
                }
            },
            ["shaders", "all"] => {
                let all = fledgling::kernels::all();
                println!("{}", all.iter().map(|k| shader(k, &BTreeMap::new())).collect::<Value>());
                false
            }
            ["--help" | "-h"] => {
                print!("{HELP}");
                false
            }
            other => {
                eprintln!("unknown arguments: {}\n\n{HELP}", other.join(" "));
                true
            }
        };
        ExitCode::from(u8::from(failed))
    }
}
