//! The names by which the module and its glue find each other. wasm-bindgen makes them long and unique, by a hash at the
//! end of some, which no compression makes smaller; nobody else reads them.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use walrus::ModuleConfig;

/// Gives imports and exports short names, in the module and in all texts of its folder, the types too.
pub(super) fn shorten(folder: &Path, module: &Path) -> Result<()> {
    let mut config = ModuleConfig::new();
    let read = config.generate_name_section(false).generate_producers_section(false).parse_file(module);
    let mut wasm = read
        .map_err(|error| anyhow!("{error:#}"))
        .with_context(|| format!("cannot read {}", module.display()))?;
    let mut short = HashMap::new();
    let imports = wasm.imports.iter_mut().map(|import| &mut import.name);
    let exports = wasm.exports.iter_mut().map(|export| &mut export.name);
    for name in imports.chain(exports).filter(|name| is_internal(name)) {
        let count = short.len();
        *name = short.entry(name.clone()).or_insert_with(|| format!("_{count}")).clone();
    }
    wasm.emit_wasm_file(module).map_err(|error| anyhow!("{error:#}"))?;
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "js" || extension == "ts") {
            let text =
                fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            fs::write(&file, renamed(&text, &short))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    Ok(())
}

/// Words with an underscore are wasm-bindgen's own.
fn is_internal(name: &str) -> bool {
    name.contains('_')
}

/// The text with each word under its new name, if it is one of the module's: a function of the glue, whose types people
/// read, may have the name of the export that it calls.
fn renamed(text: &str, names: &HashMap<String, String>) -> String {
    let is_part = |char: char| char == '_' || char.is_ascii_alphanumeric();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(is_part) {
        let (before, from_word) = rest.split_at(begin);
        let (word, behind) =
            from_word.split_at(from_word.find(|char| !is_part(char)).unwrap_or(from_word.len()));
        out.push_str(before);
        let is_of_module = word.starts_with("__") || out.ends_with("wasm.") || out.ends_with("readonly ");
        let new = names.get(word).filter(|_| is_of_module);
        out.push_str(new.map_or(word, String::as_str));
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn a_name_of_the_module_is_changed_and_that_of_a_function_is_not() {
        let names = [("__a_1".to_owned(), "_0".to_owned()), ("http__get".to_owned(), "_1".to_owned())].into();
        assert_eq!(
            renamed("{ __a_1: b.__a_1(__a_12), \"__a_1\" } // é", &names),
            "{ _0: b._0(__a_12), \"_0\" } // é"
        );
        assert_eq!(
            renamed("function http__get() { wasm.http__get() } readonly http__get: 1", &names),
            "function http__get() { wasm._1() } readonly _1: 1"
        );
        assert_eq!(renamed("", &names), "");
    }
}
