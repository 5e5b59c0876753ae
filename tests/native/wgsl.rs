//! Holds what `kernels.rs` says of the shaders against the shaders, as naga reads them: entry points, bindings and their
//! access, `Params` and `Step`. Every disagreement is listed.

use fledgling::kernels::{self, Access, Kernel, Slot};
use naga::valid::{Capabilities, FunctionInfo, GlobalUse, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Module, StorageAccess, TypeInner};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Stem → text of every file under `shaders/`.
fn shaders() -> BTreeMap<String, String> {
    let files =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders")).unwrap().map(|e| e.unwrap().path());
    files
        .map(|p| (p.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&p).unwrap()))
        .collect()
}

/// The kernel's sources as one module, valid for a device without any extra feature.
fn parse(kernel: &Kernel) -> Result<(Module, ModuleInfo), String> {
    let source = kernel.sources.concat();
    let module = naga::front::wgsl::parse_str(&source).map_err(|e| e.emit_to_string_with_path(&source, kernel.name))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::default()).validate(&module);
    Ok((module, info.map_err(|e| e.emit_to_string_with_path(&source, kernel.name))?))
}

/// The bindings of group 0 that a function or one that it calls names, as slots, and those among them that it writes.
fn bindings(module: &Module, function: &FunctionInfo) -> Result<(Vec<Slot>, BTreeSet<u32>), String> {
    let (mut slots, mut written) = (Vec::new(), BTreeSet::new());
    for (handle, global) in module.global_variables.iter() {
        let Some(binding) = &global.binding else { continue }; // workgroup and private memory
        if function[handle].is_empty() {
            continue;
        }
        let name = global.name.clone().unwrap_or_default();
        let access = match global.space {
            AddressSpace::Uniform => Access::Uniform,
            AddressSpace::Storage { access } if access == StorageAccess::LOAD => Access::Read,
            AddressSpace::Storage { access } if access == StorageAccess::LOAD | StorageAccess::STORE => Access::Write,
            other => return Err(format!("{name} is bound in {other:?}")),
        };
        if binding.group != 0 {
            return Err(format!("{name} is in group {}, not 0", binding.group));
        }
        if function[handle].intersects(GlobalUse::WRITE | GlobalUse::ATOMIC) {
            written.insert(binding.binding);
        }
        slots.push(Slot { index: binding.binding, name: name.leak(), access });
    }
    slots.sort_by_key(|s| s.index);
    Ok((slots, written))
}

/// A struct of the module has exactly these members, each one 32-bit word, without gaps. None where there is no such struct.
fn check_struct(module: &Module, name: &str, fields: &[&str]) -> Option<Result<(), String>> {
    let (_, ty) = module.types.iter().find(|(_, t)| t.name.as_deref() == Some(name))?;
    let TypeInner::Struct { members, .. } = &ty.inner else { return Some(Err(format!("{name} is no struct"))) };
    let words = members.iter().map(|m| match module.types[m.ty].inner {
        TypeInner::Scalar(scalar) if scalar.width == 4 => (m.name.as_deref().unwrap_or(""), m.offset),
        _ => ("(not a 32-bit scalar)", m.offset),
    });
    let words: Vec<_> = words.collect();
    let wanted: Vec<_> = fields.iter().copied().zip((0..).step_by(4)).collect();
    Some(if words == wanted {
        Ok(())
    } else {
        Err(format!("struct {name} is {words:?} in the WGSL and {wanted:?} in Rust"))
    })
}

fn check(kernel: &Kernel) -> Result<(), String> {
    let (module, info) = parse(kernel)?;
    let entry =
        module.entry_points.iter().position(|e| e.name == kernel.entry && e.stage == naga::ShaderStage::Compute);
    let entry = entry.ok_or_else(|| format!("no compute entry point {}", kernel.entry))?;
    let (mut found, written) = bindings(&module, info.get_entry_point(entry))?;
    if found.first().is_some_and(|s| s.index == 0) {
        let params = found.remove(0);
        if (params.name, params.access) != ("params", Access::Uniform) {
            return Err(format!("binding 0 is {params:?}, not the uniform params"));
        }
    }
    let mut declared = kernel.slots.to_vec();
    declared.sort_by_key(|s| s.index);
    if found != declared {
        return Err(format!("bindings differ\n  WGSL {found:?}\n  Rust {declared:?}"));
    }
    if let Some(idle) = declared.iter().find(|s| s.access == Access::Write && !written.contains(&s.index)) {
        return Err(format!("{} is read_write but only read", idle.name));
    }
    match check_struct(&module, "Params", kernel.params) {
        Some(result) => result?,
        None if kernel.params.is_empty() => {}
        None => return Err("no struct Params".into()),
    }
    check_struct(&module, "Step", kernels::Step::FIELDS).unwrap_or(Ok(()))
}

#[test]
fn wgsl_is_what_kernels_say() {
    let failures: Vec<String> =
        kernels::all().into_iter().filter_map(|k| check(k).err().map(|e| format!("{}: {e}", k.name))).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn wgsl_kernels_have_the_names_of_their_files() {
    let (shaders, mut names) = (shaders(), BTreeSet::new());
    for kernel in kernels::all() {
        assert!(names.insert(kernel.name), "{} stands twice in kernels::all()", kernel.name);
        let file = shaders.iter().find(|(_, text)| Some(text.as_str()) == kernel.sources.last().copied());
        let (stem, _) = file.unwrap_or_else(|| panic!("{}: its last source is no file of shaders/", kernel.name));
        // matmul_staged_vector.nn is entry nn of matmul_staged.wgsl under another snippet: the first word and the last stay.
        let subject = |name: &str| name.split(['_', '.']).next().map(str::to_owned);
        assert_eq!(subject(kernel.name), subject(stem), "{} is in {stem}.wgsl", kernel.name);
        assert_eq!(kernel.name.split_once('.').map(|n| n.1), Some(kernel.entry), "{}", kernel.name);
    }
}

#[test]
fn wgsl_files_are_all_used() {
    let used: BTreeSet<&str> = kernels::all().into_iter().flat_map(|k| k.sources.iter().copied()).collect();
    let idle: Vec<String> =
        shaders().into_iter().filter(|(_, text)| !used.contains(text.as_str())).map(|(stem, _)| stem).collect();
    assert!(idle.is_empty(), "no kernel uses shaders/{idle:?}");
}

#[test]
fn wgsl_entry_points_are_all_kernels() {
    let mut missing = BTreeSet::new();
    for kernel in kernels::all() {
        let Ok((module, _)) = parse(kernel) else { continue }; // said by wgsl_is_what_kernels_say
        let file = kernel.sources.last();
        let known = |entry: &str| kernels::all().iter().any(|k| k.sources.last() == file && k.entry == entry);
        let idle = module.entry_points.iter().filter(|e| !known(&e.name));
        missing.extend(idle.map(|e| format!("{} in the file of {}", e.name, kernel.name)));
    }
    assert!(missing.is_empty(), "entry points that no kernel names: {missing:?}");
}
