//! The rules of the house that a program can see. Each names the places that break it.

use fledgling::config::{Activation, Norm, NormPlace, Positions};
use proc_macro2::{TokenStream, TokenTree};
use std::fmt::Debug;
use std::path::Path;

/// The modules in the order in which the data meets them: a file imports only from files above it.
const ORDER: [&str; 29] = [
    "config",
    "texts",
    "recipes",
    "cleaning",
    "tokenizer",
    "dataset",
    "counts",
    "kernels",
    "gpu",
    "parts",
    "team",
    "tape",
    "ops",
    "model",
    "plan",
    "cpu",
    "device",
    "optimizer",
    "weights",
    "parameters",
    "trainer",
    "threads",
    "inference",
    "inspection",
    "replay",
    "sampler",
    "protocol",
    "benchmark",
    "session",
];
/// What a build or an install leaves behind; `.git` is a file in a worktree.
const LEFT_BEHIND: [&str; 7] = [".git", "target", "dist", "node_modules", ".tools", "screenshots", "artifacts"];

struct File {
    /// From the repository's root.
    path: String,
    text: String,
}

impl File {
    /// Of a Rust file, what stands before its unit tests.
    fn without_tests(&self) -> &str {
        let end = self.text.find("#[cfg(test)]\nmod ").filter(|_| self.path.ends_with(".rs"));
        &self.text[..end.unwrap_or(self.text.len())]
    }
    /// Its lines without comments.
    fn code(&self) -> impl Iterator<Item = &str> {
        self.without_tests().lines().map(|line| {
            let whole = ["//", "/*", "* ", "*/", "<!--"].iter().any(|c| line.trim_start().starts_with(c));
            let comment = line.match_indices("//").map(|(at, _)| at).find(|&at| !line[..at].ends_with(':')); // https://
            if whole { "" } else { &line[..comment.unwrap_or(line.len())] }
        })
    }
    /// The module of a file of the core: `ops` for src/ops/norm.rs. None outside the core.
    fn module(&self) -> Option<&str> {
        let name = self.path.strip_prefix("src/").filter(|n| !n.starts_with("bin/") && *n != "lib.rs")?;
        name.split(['/', '.']).next()
    }
    fn is(&self, modules: &[&str]) -> bool {
        self.module().is_some_and(|m| modules.contains(&m))
    }
    fn page(&self) -> bool {
        self.path.starts_with("web/") || self.path == "index.html"
    }
}

/// Every text of the repository whose path begins with one of `roots`; lock files are nobody's prose.
fn files(roots: &[&str]) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut folders) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if LEFT_BEHIND.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if let (false, Ok(text)) = (name.contains("lock"), std::fs::read_to_string(&path)) {
                let path = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.push(File { path, text });
            }
        }
    }
    found.retain(|f| roots.iter().any(|r| f.path.starts_with(r)));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "tidy: nothing under {roots:?}");
    found
}

/// Fails with every place that breaks the rule.
fn obey(rule: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{rule}\n{}", broken.join("\n"));
}

/// The places whose code `breaks` a rule.
fn lines(files: &[File], breaks: impl Fn(&File, &str) -> bool) -> Vec<String> {
    let place = |f: &File, number: usize, line: &str| format!("{}:{}: {}", f.path, number + 1, line.trim());
    let of_file =
        |f| File::code(f).enumerate().filter(|(_, l)| breaks(f, l)).map(|(n, l)| place(f, n, l)).collect::<Vec<_>>();
    files.iter().flat_map(of_file).collect()
}

fn says(line: &str, words: &[&str]) -> bool {
    words.iter().any(|w| line.contains(w))
}

#[test]
fn tidy_1_the_core_never_imports_the_browser() {
    let browser =
        |f: &File, l: &str| !f.path.starts_with("src/bin/worker") && says(l, &["web_sys", "js_sys", "wasm_bindgen"]);
    obey(
        "1. web_sys, js_sys and wasm_bindgen only in src/bin/worker.rs and its children",
        lines(&files(&["src/"]), browser),
    );
}

#[test]
fn tidy_2_only_two_modules_say_wgpu_and_one_names_both_executors() {
    let wgpu = |f: &File, l: &str| !f.is(&["gpu", "plan"]) && says(l, &["wgpu::", "use wgpu"]);
    obey("2. wgpu:: only in gpu.rs, plan.rs and their children", lines(&files(&["src/"]), wgpu));
    let executor = |f: &File, l: &str| !f.is(&["device"]) && says(l, &["::plan::", "::cpu::", "{plan", "{cpu"]);
    obey("2. plan.rs and cpu.rs are used by device.rs alone", lines(&files(&["src/"]), executor));
}

#[test]
fn tidy_3_the_page_never_touches_the_gpu() {
    // Who speaks to the worker and who imports whom: tests/page/rooms.test.mjs.
    let gpu = |f: &File, l: &str| f.page() && says(l, &["requestAdapter", "requestDevice"]);
    obey("3. the page never touches the GPU", lines(&files(&["web/", "index.html"]), gpu));
}

#[test]
fn tidy_4_no_wgsl_outside_shaders() {
    let all = files(&[""]);
    let strays = all.iter().filter(|f| f.path.ends_with(".wgsl") && !f.path.starts_with("shaders/"));
    obey("4. every .wgsl file is in shaders/", strays.map(|f| f.path.clone()).collect());
    let wgsl = |f: &File, l: &str| {
        (f.path.starts_with("src/") || f.page()) && says(l, &["@compute", "@workgroup_size", "@group(", "var<storage"])
            || f.path.starts_with("src/") && !f.is(&["kernels"]) && l.contains(".wgsl")
            || f.is(&["kernels"]) && l.contains("format!")
    };
    obey("4. no WGSL outside shaders/, none built with format!, files named only in kernels.rs", lines(&all, wgsl));
}

#[test]
fn tidy_shaders_write_out_their_zeros() {
    // Chromium 156 on SwiftShader keeps a variable's value from the loop's last turn where none is written.
    let unset = |line: &str| line.starts_with("    ") && line.trim_start().starts_with("var ") && !line.contains('=');
    let rule = "a shader's variables start with a value: `var x = T();`";
    obey(rule, lines(&files(&["shaders/"]), |_, line| unset(line)));
}

#[test]
fn tidy_5_choices_of_architecture_are_made_in_one_place() {
    fn words<T: Debug>(name: &str, all: &[T]) -> Vec<String> {
        all.iter().map(|v| format!("{name}::{v:?}")).collect()
    }
    let choices = [
        words("Positions", Positions::ALL),
        words("Norm", Norm::ALL),
        words("NormPlace", NormPlace::ALL),
        words("Activation", Activation::ALL),
    ];
    let decides = |f: &File, l: &str| {
        let names_one = choices.iter().flatten().any(|c| l.contains(c.as_str()));
        f.module().is_some()
            && !f.is(&["config", "model"])
            && names_one
            && says(l, &["=>", "==", "!=", "matches!", "if let"])
    };
    let core = files(&["src/"]);
    obey("5. no match on a choice of architecture outside config.rs and model.rs", lines(&core, decides));
    let backward = |f: &File, l: &str| f.is(&["model"]) && says(l, &["Backward", "backward_", "adjoint", "BACKWARD"]);
    obey("5. no backward code in model.rs", lines(&core, backward));
}

#[test]
fn tidy_8_no_clock_and_no_unseeded_randomness_in_the_core() {
    let words =
        ["Instant::", "time::Instant", "SystemTime", "thread_rng", "rand::rng", "from_os_rng", "from_entropy", "OsRng"];
    let draws = |f: &File, l: &str| f.module().is_some() && says(l, &words);
    obey("8. no randomness without a seed in the configuration, no clock in the core", lines(&files(&["src/"]), draws));
}

#[test]
fn tidy_10_the_core_returns_its_errors() {
    let words = [
        ".unwrap()",
        ".expect(",
        "panic!",
        "todo!",
        "unimplemented!",
        "unsafe ",
        "clippy::unwrap_used",
        "clippy::expect_used",
        "clippy::panic",
        "clippy::todo",
    ];
    let gives_up = lines(&files(&["src/"]), |_, l| says(l, &words));
    obey("10. no unwrap, expect, panic!, todo! or unsafe outside tests, and no leave for them", gives_up);
}

#[test]
fn tidy_11_user_text_reaches_the_page_as_text() {
    let words =
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "createContextualFragment", "javascript:"];
    // ` onclick="…"`, in HTML or in a string that will be HTML.
    let handler = |l: &str| {
        l.split(" on").skip(1).any(|rest| {
            let name = rest.trim_start_matches(|c: char| c.is_ascii_lowercase());
            name.len() < rest.len() && (name.starts_with("=\"") || name.starts_with("='"))
        })
    };
    let markup = |f: &File, l: &str| f.page() && (says(l, &words) || handler(l));
    obey("11. no innerHTML and its like, no inline handler", lines(&files(&["web/", "index.html"]), markup));
}

#[test]
fn tidy_12_no_test_is_skipped() {
    let tests = files(&["tests/", "src/"]);
    let skips = |f: &File, l: &str| {
        let script = f.path.ends_with(".mjs")
            && says(l, &["test.skip", "it.skip", "describe.skip", "skip:", "test.todo", "test.only"]);
        script || l.trim_start().starts_with("#[ignore")
    };
    obey("12. no test is skipped: what is missing is a failure that says what to install", lines(&tests, skips));
    let main = tests.iter().find(|f| f.path == "tests/native/main.rs").map_or("", |f| &f.text);
    let native = tests.iter().filter_map(|f| f.path.strip_prefix("tests/native/")?.strip_suffix(".rs"));
    let absent = native.filter(|n| *n != "main" && !n.contains('/') && !main.contains(&format!("mod {n};")));
    obey("12. tests/native/main.rs lists every file beside it", absent.map(str::to_owned).collect());
}

/// The modules that Rust code imports, each with its line: after `crate::`, one name or several in braces.
fn imports(code: &str) -> Vec<(usize, String)> {
    fn is(token: Option<&TokenTree>, what: &str) -> bool {
        match token {
            Some(TokenTree::Ident(name)) => *name == what,
            Some(TokenTree::Punct(mark)) => mark.as_char().to_string() == what,
            _ => false,
        }
    }
    fn walk(code: TokenStream, found: &mut Vec<(usize, String)>) {
        let tokens: Vec<TokenTree> = code.into_iter().collect();
        let mut note = |token: &TokenTree| found.push((token.span().start().line, token.to_string()));
        for at in 0..tokens.len() {
            let path = is(tokens.get(at), "crate") && is(tokens.get(at + 1), ":") && is(tokens.get(at + 2), ":");
            let in_macro = at > 0 && is(tokens.get(at - 1), "$");
            match tokens.get(at + 3).filter(|_| path && !in_macro) {
                Some(TokenTree::Group(names)) => {
                    let names: Vec<TokenTree> = names.stream().into_iter().collect();
                    let begins = |at: &usize| *at == 0 || is(names.get(at - 1), ",");
                    (0..names.len()).filter(begins).for_each(|at| note(&names[at]));
                }
                Some(name) => note(name),
                None => {}
            }
        }
        for token in tokens {
            if let TokenTree::Group(group) = token {
                walk(group.stream(), found);
            }
        }
    }
    let mut found = Vec::new();
    walk(code.parse().unwrap(), &mut found);
    found.sort();
    found
}

#[test]
fn tidy_modules_import_only_from_above() {
    let core = files(&["src/"]);
    let map = core.iter().find(|f| f.path == "src/lib.rs").unwrap();
    let listed: Vec<&str> = map
        .code()
        .filter_map(|l| l.trim().trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    let ordered: Vec<&str> = ORDER.into_iter().filter(|m| listed.contains(m)).collect();
    assert_eq!(
        listed, ordered,
        "src/lib.rs lists the modules in the order of the data (a new one goes into tidy.rs too)"
    );
    let mut broken = Vec::new();
    for file in &core {
        let Some(module) = file.module().filter(|_| file.path.ends_with(".rs")) else { continue };
        let Some(place) = ORDER.iter().position(|m| *m == module) else {
            broken.push(format!("{}: src/lib.rs does not list it", file.path));
            continue;
        };
        let below = |name: &str| ORDER.iter().position(|m| *m == name).is_some_and(|p| p > place);
        let wrong = imports(file.without_tests()).into_iter().filter(|(_, name)| below(name));
        broken.extend(wrong.map(|(line, name)| format!("{}:{line}: {module} stands above {name}", file.path)));
        let roundabout = if file.path.matches('/').count() == 1 { "super::" } else { "super::super::" };
        broken.extend(lines(std::slice::from_ref(file), |_, l| l.contains(roundabout)));
    }
    obey("a file imports only from modules above its own in src/lib.rs, as crate::", broken);
}

#[test]
fn tidy_files_are_short() {
    let files = files(&["src/", "shaders/", "web/"]).into_iter().map(|f| (f.text.lines().count(), f.path));
    // The page has one stylesheet, and one list of sentences for each language.
    let whole = |path: &str| path.ends_with(".css") || path.starts_with("web/i18n/");
    let long = files.filter(|(lines, path)| *lines > 600 && !whole(path));
    obey(
        "a file past 600 lines is split along names that are there",
        long.map(|(n, path)| format!("{path}:{n}")).collect(),
    );
}

#[test]
fn tidy_what_is_watched_is_there() {
    // `make serve` stops where a path that it watches is missing.
    let trunk = &files(&["Trunk.toml"])[0].text;
    let list = trunk.lines().find_map(|l| l.strip_prefix("watch = ")).unwrap_or("");
    let watched: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    assert!(watched.len() > 3, "Trunk.toml watches only {watched:?}");
    let missing = watched.iter().filter(|p| !Path::new(env!("CARGO_MANIFEST_DIR")).join(p).exists());
    obey("every path that Trunk.toml watches is there", missing.map(|p| (*p).to_owned()).collect());
}

#[test]
fn tidy_no_leftovers() {
    let unfinished = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let elsewhere = [concat!("/wo", "rk/"), concat!("sha", "red/")];
    let found = |words: &[&str]| -> Vec<String> {
        let all = files(&[""]);
        let of_file = |f: &File| {
            let bad = f.text.lines().enumerate().filter(|(_, l)| says(l, words));
            bad.map(|(n, l)| format!("{}:{}: {}", f.path, n + 1, l.trim())).collect::<Vec<_>>()
        };
        all.iter().flat_map(of_file).collect()
    };
    obey("no unfinished business: do it or file it", found(&unfinished));
    obey("no path outside the repository", found(&elsewhere));
}

#[test]
fn tidy_sees_imports() {
    let code = "use crate::config::Config;\nuse crate::{\n    gpu::{self, Gpu},\n    tape,\n};\n$crate::x; f(crate::plan::Plan)";
    let names: Vec<_> = imports(code).into_iter().map(|(line, name)| format!("{line} {name}")).collect();
    assert_eq!(names, ["1 config", "3 gpu", "4 tape", "6 plan"]);
}
