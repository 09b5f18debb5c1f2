//! The published schema and what is rendered, held together.

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::render;
use crate::model::RunReport;
use crate::report::arbitrary;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/ci-results.schema.json")).unwrap()
}

fn validator() -> Validator {
    let schema = schema();
    jsonschema::draft202012::meta::validate(&schema).expect("a valid schema");
    jsonschema::draft202012::new(&schema).expect("a usable schema")
}

fn document(report: &RunReport) -> Value {
    serde_json::from_str(&render(report)).unwrap()
}

#[test]
fn what_is_rendered_follows_the_schema() {
    let validator = validator();
    for report in [
        RunReport::sample(),
        RunReport::sample_passed(),
        RunReport::sample_checks(),
        RunReport::sample_interrupted(),
        RunReport::sample_nothing_judged(),
    ] {
        validator.validate(&document(&report)).unwrap();
    }
}

fn place(document: &Value, id: &str) -> String {
    let tests = document["tests"].as_array().unwrap();
    let index = tests.iter().position(|test| test["id"] == id);
    format!("/tests/{}", index.unwrap())
}

fn without(document: &Value, pointer: &str, field: &str) -> Value {
    let mut changed = document.clone();
    let parent = changed.pointer_mut(pointer).unwrap();
    parent.as_object_mut().unwrap().shift_remove(field);
    changed
}

#[test]
fn a_document_that_lacks_a_required_field_does_not_follow_the_schema() {
    let (validator, schema, document) = (validator(), schema(), document(&RunReport::sample()));
    let voted = place(&document, "orders-are-signed");
    let noisy = place(&document, "names-are-clear");
    for (pointer, at) in [
        ("", ""),
        ("/properties/summary", "/summary"),
        ("/$defs/issue", "/issues/1"),
        ("/$defs/test", "/tests/0"),
        ("/$defs/spec", "/specs/0"),
        ("/$defs/usage", "/usage"),
        ("/$defs/tokens", "/usage/tokens"),
        ("/$defs/ruleChange", "/ruleChanges/0"),
        ("/$defs/attempt", &format!("{voted}/attempts/0")),
        ("/$defs/votes", &format!("{voted}/votes")),
        ("/$defs/calibration", &format!("{voted}/calibration")),
        ("/$defs/because", &format!("{noisy}/because")),
    ] {
        let required = schema.pointer(&format!("{pointer}/required")).unwrap();
        for field in required.as_array().unwrap() {
            let field = field.as_str().unwrap();
            assert!(
                !validator.is_valid(&without(&document, at, field)),
                "{at} {field}"
            );
        }
    }
}

fn with(document: &Value, parent: &str, field: &str, value: Value) -> Value {
    let mut changed = document.clone();
    let object = changed.pointer_mut(parent).unwrap();
    let object = object.as_object_mut().unwrap();
    object.insert(field.to_owned(), value);
    changed
}

#[test]
fn votes_and_grounds_with_wrong_values_do_not_follow_the_schema() {
    let (validator, document) = (validator(), document(&RunReport::sample()));
    let [passed, failed, noisy] =
        ["dates-are-utc", "errors-are-json", "names-are-clear"].map(|id| place(&document, id));
    let (calibration, attempt) = (
        format!("{noisy}/calibration"),
        format!("{passed}/attempts/1"),
    );
    for (parent, field, value) in [
        (passed.as_str(), "evidence", json!("x")),
        (&passed, "blocking", json!(false)),
        (&failed, "blocking", json!(true)),
        (&failed, "because", json!({"kind": "level"})),
        (&failed, "votes", json!({"pass": 1})),
        (&failed, "attempts", json!([])),
        (&noisy, "because", json!({"kind": "noisy"})),
        (&noisy, "because", json!({"kind": "level", "votes": 1})),
        (&noisy, "because", json!({"kind": "new", "owner": "x"})),
        (&noisy, "because", json!({"kind": "waived", "id": "x"})),
        (&calibration, "class", json!("loud")),
        (&attempt, "observed", json!("x")),
        ("/summary", "nonBlocking", json!(0)),
        ("", "ruleChanges", json!([])),
    ] {
        let changed = with(&document, parent, field, value);
        assert!(!validator.is_valid(&changed), "{parent}/{field}");
    }
}

#[test]
fn a_document_with_wrong_values_does_not_follow_the_schema() {
    let (validator, document) = (validator(), document(&RunReport::sample()));
    let test = |status: &str| {
        let tests = document["tests"].as_array().unwrap();
        let index = tests.iter().position(|test| test["status"] == status);
        format!("/tests/{}", index.unwrap())
    };
    for (parent, field, value) in [
        (String::new(), "schemaVersion", json!(2)),
        (String::new(), "status", json!("passed")),
        (String::new(), "exitCode", json!(3)),
        (String::new(), "judged", json!(-1)),
        (String::new(), "startedAt", json!("2026-11-21 11:30:00")),
        (String::new(), "durationMs", json!(1.5)),
        (String::new(), "strict", json!("yes")),
        (String::new(), "interrupted", json!("SIGKILL")),
        (String::new(), "tests", json!({})),
        ("/summary".to_owned(), "errored", json!(0)),
        ("/summary".to_owned(), "total", json!("10")),
        ("/issues/0".to_owned(), "kind", json!("new")),
        (String::new(), "untrusted", json!(true)),
        (String::new(), "specs", json!([])),
        ("/usage".to_owned(), "calls", json!(-1)),
        ("/usage".to_owned(), "costUsd", json!("0.21")),
        ("/usage/tokens".to_owned(), "input", json!(1.5)),
        ("/specs/2/usage".to_owned(), "costIsEstimate", json!(true)),
        (test("pass"), "status", json!("passed")),
        (test("pass"), "line", json!(0)),
        (test("pass"), "observed", json!("x")),
        (test("pass"), "reason", json!("x")),
        (test("pass"), "error", json!("x")),
        (test("fail"), "location", json!("")),
        (test("error"), "location", json!("x")),
        (test("skip"), "error", json!("x")),
    ] {
        let changed = with(&document, &parent, field, value);
        assert!(!validator.is_valid(&changed), "{parent}/{field}");
    }
    for (status, field) in [("error", "error"), ("skip", "reason")] {
        assert!(
            !validator.is_valid(&without(&document, &test(status), field)),
            "{field}"
        );
    }
}

/// The fields of an object in the schema must be those that a document can have.
#[test]
fn every_field_that_is_rendered_is_described() {
    let schema = schema();
    let mut untrusted = RunReport::sample();
    untrusted.untrusted = Some("the pull request comes from a fork".into());
    let mut documents = vec![document(&untrusted)];
    documents.push(document(&RunReport::sample_interrupted()));
    for document in &documents {
        let objects = |name: &str| document[name].as_array().unwrap().clone();
        let mut described = vec![("", document.clone())];
        described.push(("/properties/summary", document["summary"].clone()));
        described.push(("/$defs/usage", document["usage"].clone()));
        described.push(("/$defs/tokens", document["usage"]["tokens"].clone()));
        described.extend(
            objects("specs")
                .into_iter()
                .map(|spec| ("/$defs/spec", spec)),
        );
        described.extend(
            objects("issues")
                .into_iter()
                .map(|issue| ("/$defs/issue", issue)),
        );
        for test in objects("tests") {
            let attempts = test["attempts"].as_array().cloned().unwrap_or_default();
            described.extend(attempts.into_iter().map(|one| ("/$defs/attempt", one)));
            for (name, pointer) in [
                ("because", "/$defs/because"),
                ("calibration", "/$defs/calibration"),
                ("votes", "/$defs/votes"),
            ] {
                let value = test.get(name).cloned();
                described.extend(value.map(|value| (pointer, value)));
            }
            described.push(("/$defs/test", test));
        }
        let changes = document["ruleChanges"].as_array().cloned();
        let changes = changes.unwrap_or_default().into_iter();
        described.extend(changes.map(|change| ("/$defs/ruleChange", change)));
        for (pointer, object) in described {
            let properties = schema.pointer(&format!("{pointer}/properties")).unwrap();
            for field in object.as_object().unwrap().keys() {
                let text = &properties[field]["description"];
                assert!(text.is_string(), "{pointer}: {field} has no description");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_report_follows_the_schema(report in arbitrary::report()) {
        let document = document(&report);
        prop_assert!(validator().validate(&document).is_ok(), "{document}");
    }
}
