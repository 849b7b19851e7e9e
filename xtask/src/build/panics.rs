//! Takes the words off panics: this target has no standard error, so nobody hears them before the trap.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use walrus::ir::Instr;
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module, ModuleConfig};

/// Parts of the names, however they are mangled, of what the standard library calls to panic.
const SPEAKERS: [&str; 13] = [
    "4core9panicking",
    "3std9panicking",
    "6option13expect_failed",
    "6option13unwrap_failed",
    "6result13unwrap_failed",
    "slice_index_fail",
    "slice_error_fail",
    "len_mismatch_fail",
    "13assert_failed",
    "panic_already_",
    "14panic_poisoned",
    "7raw_vec12handle_error",
    "18handle_alloc_error",
];

/// Writes `module` to `out` with functions that trap in place of those that say why they will.
pub(super) fn silence(module: &Path, out: &Path) -> Result<()> {
    let read = ModuleConfig::new().parse_file(module);
    let mut wasm = read
        .map_err(|error| anyhow!("{error:#}"))
        .with_context(|| format!("cannot read {}", module.display()))?;
    let speakers: Vec<FunctionId> = wasm
        .funcs
        .iter_local()
        .filter(|(id, function)| is_speaker(&wasm, *id, function))
        .map(|(id, _)| id)
        .collect();
    for speaker in speakers {
        trap_in(&mut wasm, speaker);
    }
    walrus::passes::gc::run(&mut wasm);
    wasm.emit_wasm_file(out).map_err(|error| anyhow!("{error:#}"))
}

/// By its name, and because it never returns.
fn is_speaker(wasm: &Module, id: FunctionId, function: &LocalFunction) -> bool {
    let name = wasm.funcs.get(id).name.as_deref().unwrap_or_default();
    let body = &function.block(function.entry_block()).instrs;
    SPEAKERS.iter().any(|speaker| name.contains(speaker))
        && matches!(body.last(), Some((Instr::Unreachable(_), _)))
}

fn trap_in(wasm: &mut Module, id: FunctionId) {
    let signature = wasm.types.get(wasm.funcs.get(id).ty());
    let (parameters, results) = (signature.params().to_vec(), signature.results().to_vec());
    let mut body = FunctionBuilder::new(&mut wasm.types, &parameters, &results);
    body.func_body().unreachable();
    let arguments = parameters.iter().map(|parameter| wasm.locals.add(*parameter)).collect();
    wasm.funcs.get_mut(id).kind = FunctionKind::Local(body.local_func(arguments));
}
