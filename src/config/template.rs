//! The config file that `semtest init` writes.

use super::fields::FIELDS;

/// The text of a `semtest.config.ts` with every field at its default, judged by `llm`.
///
/// It imports nothing, so it type-checks in a project that has no package of ours.
#[must_use]
pub fn init_template(llm: &str) -> String {
    let mut text =
        String::from("// How semtest runs here. Every field may be left out.\nexport default {\n");
    for (index, field) in FIELDS.iter().enumerate() {
        let line = match (field.name, field.example) {
            ("llm", _) => format!("  llm: {},\n", serde_json::Value::from(llm)),
            (name, Some(example)) => format!("  // {name}: {example},\n"),
            (name, None) => format!("  {name}: {},\n", field.default),
        };
        let unset = field
            .example
            .map_or(String::new(), |_| format!(" Unset: {}.", field.default));
        text.push_str(if index == 0 { "  // " } else { "\n  // " });
        text.push_str(field.description);
        text.push_str(&unset);
        text.push('\n');
        text.push_str(&line);
    }
    text.push_str("};\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::tests::load_first;
    use crate::config::{PartialConfig, resolve};
    use crate::env::Env;

    #[test]
    fn what_init_writes_says_the_defaults() {
        let text = init_template("claude-code-sonnet-4-6");
        let loaded = load_first(&[("semtest.config.ts", &text)]).unwrap();
        for env in [Env::default(), Env::from_iter([("CI", "true")])] {
            let of = |file| resolve(PartialConfig::default(), file, &env);
            assert_eq!(of(loaded.config.clone()), of(PartialConfig::default()));
        }
        assert!(!text.contains("import"));
    }

    #[test]
    fn every_field_is_in_the_template_and_every_example_is_valid() {
        let text = init_template("it's \"quoted\"");
        assert!(text.contains(r#"  llm: "it's \"quoted\"","#));
        for field in FIELDS {
            assert!(
                text.contains(&format!(" {}: ", field.name)),
                "{}",
                field.name
            );
            let value = field.example.unwrap_or(field.default);
            let config = format!("export default {{ {}: {value} }}", field.name);
            let loaded = load_first(&[("c.ts", &config)]).unwrap();
            assert_ne!(loaded.config, PartialConfig::default(), "{}", field.name);
        }
    }

    #[test]
    fn the_template() {
        insta::assert_snapshot!(init_template("claude-code-sonnet-4-6"));
    }
}
