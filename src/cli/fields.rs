//! What does an answer of a service say? Commands that ask one print its JSON as it came, and read from it what a table
//! needs: what a newer service says beside is passed on, too.

use super::output::{Failure, Output, remark};
use super::remote::{Client, query};
use crate::error::Error;
use crate::report::tables::{BAD, FAINT, GOOD, WARNING, styled};
use serde_json::Value;

/// Rows asked for at once.
const PAGE: usize = 200;

/// What stands at a path such as `decision.role`; null where there is nothing.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(value, |value, name| &value[name])
}

/// The text, number or truth value there; empty where there is none.
pub(super) fn text(value: &Value, path: &str) -> String {
    match at(value, path) {
        Value::String(text) => text.clone(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
        plain => plain.to_string(),
    }
}

/// The number there with four decimals, as scores are printed; empty where there is none.
pub(super) fn score(value: &Value, path: &str) -> String {
    at(value, path).as_f64().map_or_else(String::new, |score| format!("{score:.4}"))
}

/// The whole number there.
pub(super) fn count(value: &Value, path: &str) -> u64 {
    at(value, path).as_u64().unwrap_or_default()
}

/// The list there.
pub(super) fn list<'v>(value: &'v Value, path: &str) -> &'v [Value] {
    at(value, path).as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The texts of the list there, with commas between.
pub(super) fn joined(value: &Value, path: &str) -> String {
    let texts: Vec<&str> = list(value, path).iter().filter_map(Value::as_str).collect();
    texts.join(", ")
}

/// The time there, to the minute.
pub(super) fn time(value: &Value, path: &str) -> String {
    text(value, path).chars().take(16).collect::<String>().replace('T', " ")
}

/// A share of a whole, as people read it.
pub(super) fn percent(value: &Value, path: &str) -> String {
    at(value, path).as_f64().map_or_else(String::new, |share| format!("{:.0} %", share * 100.0))
}

/// The role of a decision, or what there is in its place; by what its fields are called in lists of runs.
pub(super) fn verdict(decision: &Value) -> String {
    let said = |name: &str| Some(text(decision, name)).filter(|text| !text.is_empty());
    if let Some(role) = said("role_display_name").or_else(|| said("role")) {
        return styled(GOOD, role);
    }
    match (said("new_role_slug").or_else(|| said("new_role")), said("rejection_reason")) {
        (Some(slug), _) => styled(WARNING, format!("new: {slug}")),
        (None, Some(reason)) => styled(BAD, reason),
        (None, None) if decision.is_null() => styled(FAINT, "withdrawn"),
        (None, None) if text(decision, "case") == "R" => styled(BAD, "rejected"),
        (None, None) => styled(WARNING, "undecided"),
    }
}

/// The first rows of a list of a service, page by page, and whether there are more.
pub(super) fn rows(
    client: &Client,
    path: &str,
    asked: &[(&str, Option<String>)],
    name: &str,
    most: usize,
) -> Result<(Vec<Value>, bool), Error> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let limit = (most - rows.len()).min(PAGE);
        let mut parts = asked.to_vec();
        parts.extend([("limit", Some(limit.to_string())), ("cursor", cursor)]);
        let mut page: Value = client.get(&format!("{path}{}", query(&parts)))?;
        if let Value::Array(more) = page[name].take() {
            rows.extend(more);
        }
        cursor = page["next"].as_str().map(str::to_owned);
        if cursor.is_none() || rows.len() >= most {
            return Ok((rows, cursor.is_some()));
        }
    }
}

/// Prints rows as objects, or has them shown; and says where there are more of them.
pub(super) fn print(
    out: &mut Output,
    (rows, more): (Vec<Value>, bool),
    none: &str,
    show: impl FnOnce(&mut Output, &[Value]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match () {
        () if out.json => rows.iter().try_for_each(|row| out.object(row))?,
        () if rows.is_empty() => remark(none),
        () => show(out, &rows)?,
    }
    out.flush()?;
    if more {
        remark(format!("the first {}; --limit asks for more", rows.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_there_is_nothing() {
        let value = json!({"a": {"b": 0.25, "c": ["x", "y"], "t": "2026-03-01T09:30:15Z"}, "n": null});
        assert_eq!((score(&value, "a.b"), percent(&value, "a.b")), ("0.2500".to_owned(), "25 %".to_owned()));
        assert_eq!((joined(&value, "a.c"), time(&value, "a.t")), ("x, y".to_owned(), "2026-03-01 09:30".to_owned()));
        assert_eq!(
            (text(&value, "n"), text(&value, "a.z.z"), list(&value, "n").len()),
            (String::new(), String::new(), 0)
        );
    }
}
