//! Takes the words off panics: this target has no standard error, so nobody hears them before the trap. With them go the
//! paths of the machine that builds.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use walrus::ir::{Instr, Value};
use walrus::{
    ConstExpr, Data, DataKind, FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module, ModuleConfig,
};

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
    let segments: Vec<_> = wasm.data.iter().map(Data::id).collect();
    segments.into_iter().for_each(|segment| forget_places(wasm.data.get_mut(segment)));
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

/// Writes zeros, which weigh next to nothing, over what says where the panics are in the source.
fn forget_places(data: &mut Data) {
    let DataKind::Active { offset: ConstExpr::Value(Value::I32(base)), .. } = data.kind else { return };
    for place in places(&data.value, base as usize) {
        data.value.get_mut(place).into_iter().for_each(|place| place.fill(0));
    }
}

/// Each `Location`, which is a path's address and length, a line and a column, and each path.
fn places(bytes: &[u8], base: usize) -> Vec<Range<usize>> {
    let word = |at: usize| {
        let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
        word.map_or(0, u32::from_le_bytes) as usize
    };
    let path_of = |at: usize| {
        let begin = word(at).checked_sub(base)?;
        let path = begin..begin + word(at + 4);
        (path.len() < 300 && bytes.get(path.clone())?.ends_with(b".rs")).then_some(path)
    };
    let aligned = (base.next_multiple_of(4) - base..bytes.len()).step_by(4);
    aligned.filter_map(|at| Some([at..at + 16, path_of(at)?])).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn a_place_is_a_path_a_line_and_a_column() {
        // From address 102 on: two bytes, a path with its end, two bytes, and at 112 a pointer to the path.
        let text = b"..a/b.rs..";
        let location = [104_u32, 6, 77, 9].map(u32::to_le_bytes);
        let other = [102_u32, 6, 77, 9].map(u32::to_le_bytes);
        let bytes = [text.as_slice(), location.as_flattened(), other.as_flattened()].concat();
        assert_eq!(places(&bytes, 102), [10..26, 2..8]);
    }
}
