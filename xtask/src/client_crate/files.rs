//! The files: types and calls by the tag of the operations, none longer than the house allows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::File;
use super::calls::{Answer, Body, Operation};
use super::schema::Types;
use super::types::{self, Sent};

/// Lines of a file, below the 500 of the house rules with room for what formatting adds.
const LINES: usize = 330;
const HEAD: &str =
    "// Written by `cargo xtask client` from docs/openapi.json: change that, not this.\n";

/// Every file.
pub(super) fn all(types: &Types, operations: &[Operation]) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut modules = (Vec::new(), Vec::new());
    let sent = Sent::of(types, operations);
    let mut done = BTreeSet::new();
    let known = names(types, operations);
    for (tag, operations) in by_tag(operations) {
        let texts = type_texts(types, &sent, &operations, &mut done);
        for (name, text) in split(&format!("{tag}_types"), &texts) {
            files.push((
                format!("{name}.rs"),
                formatted(&with_types_head(&tag, &text, &known))?,
            ));
            modules.0.push(name);
        }
        let texts: Vec<String> = operations.iter().map(|one| one.method(types)).collect();
        for (name, text) in split(&format!("{tag}_calls"), &texts) {
            files.push((
                format!("{name}.rs"),
                formatted(&with_calls_head(&tag, &text, &known))?,
            ));
            modules.1.push(name);
        }
    }
    // Of no call: what webhooks carry.
    let rest: Vec<String> = types.named.keys().cloned().collect();
    let texts = definitions(types, &sent, rest.into_iter(), &mut done);
    for (name, text) in split("other_types", &texts) {
        files.push((
            format!("{name}.rs"),
            formatted(&with_types_head("other", &text, &known))?,
        ));
        modules.0.push(name);
    }
    files.push(("through.rs".to_owned(), formatted(&through(types))?));
    files.push(("mod.rs".to_owned(), formatted(&root(&modules, operations))?));
    Ok(files)
}

/// Every name of a type that there will be.
fn names(types: &Types, operations: &[Operation]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = types.named.keys().cloned().collect();
    names.retain(|name| !BY_HAND.contains(&name.as_str()));
    for operation in operations {
        names.insert(operation.query_type());
        names.insert(operation.form_type());
    }
    names
}

fn by_tag(operations: &[Operation]) -> BTreeMap<String, Vec<&Operation>> {
    let mut tags: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
    for operation in operations {
        let name = super::schema::snake(&operation.tag);
        tags.entry(name).or_default().push(operation);
    }
    tags
}

/// The types that a tag's operations are the first to need.
fn type_texts(
    types: &Types,
    sent: &Sent,
    operations: &[&Operation],
    done: &mut BTreeSet<String>,
) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut texts = Vec::new();
    for operation in operations {
        if let Body::Json(shape) = &operation.body {
            types::collect(types, shape, &mut names);
        }
        if let Body::Form(fields) = &operation.body {
            for field in fields {
                types::collect(types, &field.shape, &mut names);
            }
        }
        if let Answer::Json(shape) = &operation.answer {
            types::collect(types, shape, &mut names);
        }
        for field in &operation.in_query {
            types::collect(types, &field.shape, &mut names);
        }
        texts.push(types::query(operation));
        texts.push(types::form(operation));
        if let Some((page, item)) = operation.page(types)
            && done.insert(format!("page of {page}"))
        {
            texts.push(types::page(types, &page, &item));
        }
    }
    texts.extend(definitions(types, sent, names.into_iter(), done));
    texts.retain(|text| !text.is_empty());
    texts
}

/// The body of refusals has a type of the client's own.
const BY_HAND: [&str; 2] = ["Error", "FieldError"];

fn definitions(
    types: &Types,
    sent: &Sent,
    names: impl Iterator<Item = String>,
    done: &mut BTreeSet<String>,
) -> Vec<String> {
    names
        .filter(|name| !BY_HAND.contains(&name.as_str()) && done.insert(name.clone()))
        .map(|name| types::definition(types, sent, &name))
        .collect()
}

/// Reading and writing any type by its name, for the test that walks the document.
fn through(types: &Types) -> String {
    let mut text = format!(
        "{HEAD}//! Every type by its name.\n\nuse serde_json::Value;\n\nuse super::types;\n\n\
         fn again<T: serde::de::DeserializeOwned + serde::Serialize>(value: Value) -> \
         serde_json::Result<Value> {{\n    \
         serde_json::to_value(serde_json::from_value::<T>(value)?)\n}}\n\n\
         /// Reads a value as the type of this name and writes it again; `None` where there is no\n\
         /// such type.\n#[doc(hidden)]\n\
         pub fn through(name: &str, value: Value) -> Option<serde_json::Result<Value>> {{\n    \
         Some(match name {{\n"
    );
    for name in types.named.keys() {
        if !BY_HAND.contains(&name.as_str()) {
            let _ = writeln!(text, "\"{name}\" => again::<types::{name}>(value),");
        }
    }
    text.push_str("_ => return None,\n})\n}\n");
    text
}

/// The texts in as many files as their length asks for.
fn split(name: &str, texts: &[String]) -> Vec<(String, String)> {
    let mut parts: Vec<String> = Vec::new();
    let mut lines = usize::MAX;
    for text in texts {
        let more = text.lines().count();
        match parts.last_mut() {
            Some(part) if lines + more <= LINES => {
                part.push_str(text);
                lines += more;
            }
            _ => {
                parts.push(text.clone());
                lines = more;
            }
        }
    }
    let numbered = |(index, part): (usize, String)| match index {
        0 => (name.to_owned(), part),
        _ => (format!("{name}_{}", index + 1), part),
    };
    parts.into_iter().enumerate().map(numbered).collect()
}

/// The imports that a text needs.
fn imports(text: &str, candidates: &[(&str, &str)]) -> String {
    let mut lines = String::new();
    for (word, import) in candidates {
        let needed = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|found| found == *word);
        if needed {
            let _ = writeln!(lines, "use {import};");
        }
    }
    lines
}

/// The types that a text names and does not define.
fn others(text: &str, known: &BTreeSet<String>) -> String {
    // What stands in documentation is no use.
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("///"))
        .flat_map(|line| [line, "\n"])
        .collect();
    // The standard's own is written out, so that the API's may be called so.
    let code = code.replace("std::result::Result", "");
    let words: BTreeSet<&str> = code
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let mut names = Vec::new();
    for name in known.iter().filter(|name| words.contains(name.as_str())) {
        let defined = ["struct", "enum", "type"]
            .iter()
            .any(|kind| code.contains(&format!("pub {kind} {name} ")));
        if !defined {
            names.push(name.as_str());
        }
    }
    if names.is_empty() {
        return String::new();
    }
    format!("use super::types::{{{}}};\n", names.join(", "))
}

fn with_types_head(tag: &str, text: &str, known: &BTreeSet<String>) -> String {
    let first = imports(
        text,
        &[
            ("BTreeMap", "std::collections::BTreeMap"),
            ("Timestamp", "jiff::Timestamp"),
            ("Deserialize", "serde::Deserialize"),
            ("Serialize", "serde::Serialize"),
            ("Deserializer", "serde::Deserializer"),
            ("Map", "serde_json::Map"),
            ("Value", "serde_json::Value"),
            ("Part", "crate::call::Part"),
            ("Page", "crate::pages::Page"),
        ],
    );
    let others = others(text, known);
    format!("{HEAD}//! Types of the calls tagged `{tag}`.\n\n{first}{others}\n{text}")
}

fn with_calls_head(tag: &str, text: &str, known: &BTreeSet<String>) -> String {
    let first = imports(
        text,
        &[
            ("Map", "serde_json::Map"),
            ("Value", "serde_json::Value"),
            ("Stream", "futures::Stream"),
            ("Method", "reqwest::Method"),
        ],
    );
    format!(
        "{HEAD}//! The calls tagged `{tag}`.\n\n{first}{}use crate::call::Call;\n\
         use crate::{{Client, Error}};\n\nimpl Client {{\n{text}}}\n",
        others(text, known)
    )
}

fn root((types, calls): &(Vec<String>, Vec<String>), operations: &[Operation]) -> String {
    let mut text = format!("{HEAD}//! Every call of the API, and its types.\n\n");
    let mut names: Vec<&String> = types.iter().chain(calls).collect();
    names.sort();
    for name in names {
        let _ = writeln!(text, "mod {name};");
    }
    text.push_str("mod through;\n\n#[doc(hidden)]\npub use through::through;\n");
    text.push_str("\n/// The types of the API.\npub mod types {\n");
    for name in types {
        let _ = writeln!(text, "pub use super::{name}::*;");
    }
    text.push_str("}\n\n/// Method, path and name of every call that this client has.\n");
    text.push_str("pub const OPERATIONS: &[(&str, &str, &str)] = &[\n");
    for one in operations {
        let _ = writeln!(
            text,
            "(\"{}\", \"{}\", \"{}\"),",
            one.method, one.path, one.id
        );
    }
    text.push_str("];\n");
    text
}

/// As `cargo fmt` would have it.
fn formatted(text: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt can't be started")?;
    let mut input = child.stdin.take().context("rustfmt takes no input")?;
    let sent = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(sent.as_bytes()));
    let output = child.wait_with_output()?;
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("writing to rustfmt broke off"))??;
    ensure!(output.status.success(), "rustfmt refused the text");
    Ok(String::from_utf8(output.stdout)?)
}
