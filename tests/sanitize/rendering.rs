//! `cmark-gfm`, the renderer that GitHub's is built on, shows a foreign text as text.

use std::process::Command;

use semtest::sanitize::{markdown_block, markdown_code, markdown_text, terminal_line};

use crate::corpus::{glued_sample, hostile};
use crate::forge::{acts_on, has_quick_action};

/// A place that a report has for foreign text, and the tags that belong to the place.
struct Frame {
    source: fn(&str) -> String,
    tags: &'static [&'static str],
}

const INLINE: &[Frame] = &[
    Frame {
        source: |text| format!("{text}\n"),
        tags: &["p", "/p"],
    },
    Frame {
        source: |text| format!("x {text} x\n"),
        tags: &["p", "/p"],
    },
    Frame {
        source: |text| format!("x\n{text}\nx\n"),
        tags: &["p", "/p"],
    },
    Frame {
        source: |text| format!("x\n{text}\n{text}\n"),
        tags: &["p", "/p"],
    },
    Frame {
        source: |text| format!("### {text}\n"),
        tags: &["h3", "/h3"],
    },
    Frame {
        source: |text| format!("- {text}\n"),
        tags: &["ul", "li", "/li", "/ul"],
    },
    Frame {
        source: |text| format!("3. {text}\n"),
        tags: &["ol start=\"3\"", "li", "/li", "/ol"],
    },
    Frame {
        source: |text| format!("> {text}\n"),
        tags: &["blockquote", "p", "/p", "/blockquote"],
    },
    Frame {
        source: |text| format!("**x {text} x**\n"),
        tags: &["p", "strong", "/strong", "/p"],
    },
    Frame {
        source: |text| format!("| x | x |\n|---|---|\n| {text} | x |\n| x | x {text} x |\n"),
        tags: &[
            "table", "thead", "tr", "th", "/th", "th", "/th", "/tr", "/thead", "tbody", "tr", "td",
            "/td", "td", "/td", "/tr", "tr", "td", "/td", "td", "/td", "/tr", "/tbody", "/table",
        ],
    },
];

const BLOCK: &[Frame] = &[
    Frame {
        source: str::to_owned,
        tags: &["pre", "code", "/code", "/pre"],
    },
    Frame {
        source: |text| format!("x\n{text}"),
        tags: &["p", "/p", "pre", "code", "/code", "/pre"],
    },
    Frame {
        source: |text| format!("- x\n\n{}", indented(text)),
        tags: &[
            "ul", "li", "p", "/p", "pre", "code", "/code", "/pre", "/li", "/ul",
        ],
    },
];

#[test]
#[ignore = "needs cmark-gfm; .ci/run runs it"]
fn text_renders_as_text() {
    let texts = inputs();
    for frame in INLINE {
        for (text, html) in render(&texts, markdown_text, frame) {
            assert_frame(frame, text, &html);
            for node in html.text_outside_code() {
                assert!(!acts_on(&node), "{text:?} → {node:?}");
            }
            assert!(!has_quick_action(&format!("x\n{}\n", markdown_text(text))));
        }
    }
}

#[test]
#[ignore = "needs cmark-gfm; .ci/run runs it"]
fn code_renders_as_code() {
    let texts = inputs();
    for frame in INLINE {
        for (text, html) in render(&texts, markdown_code, frame) {
            assert_frame(frame, text, &html);
            let outside = html.text_outside_code().concat();
            let foreign = outside.replace(['|', 'x', '\n', ' '], "");
            assert_eq!(foreign, "", "{text:?}");
        }
    }
}

#[test]
#[ignore = "needs cmark-gfm; .ci/run runs it"]
fn a_block_renders_as_one_block() {
    let texts = inputs();
    for frame in BLOCK {
        for (text, html) in render(&texts, markdown_block, frame) {
            assert_frame(frame, text, &html);
            let outside = html.text_outside_code().concat();
            assert_eq!(outside.replace(['x', '\n'], ""), "", "{text:?}");
        }
    }
}

fn inputs() -> Vec<String> {
    let mut texts = hostile();
    texts.extend(glued_sample(1000));
    texts.retain(|text| !terminal_line(text).is_empty());
    texts
}

/// Tags are the frame's own, but for code spans, and the words are those of the text.
fn assert_frame(frame: &Frame, text: &str, html: &Html) {
    let own_code = frame.tags.contains(&"code");
    let tags: Vec<&str> = html
        .tags()
        .filter(|tag| own_code || !matches!(*tag, "code" | "/code"))
        .collect();
    assert_eq!(tags, frame.tags, "{text:?} → {html:?}");
    let expected = words(&terminal_line(text));
    let shown = words(&html.text());
    assert!(shown.contains(&expected), "{text:?} → {shown:?}");
    // What is left is the frame's: nothing was shown that is not in the text.
    assert_eq!(
        shown.replace(&expected, "").replace('x', ""),
        "",
        "{text:?}"
    );
}

/// Without blanks, and without the backslashes by which commands are broken.
fn words(text: &str) -> String {
    text.replace('\\', "").split_whitespace().collect()
}

fn indented(block: &str) -> String {
    let lines: Vec<String> = block.lines().map(|line| format!("  {line}\n")).collect();
    lines.concat()
}

/// Each text with what becomes of it in its place.
fn render<'text>(
    texts: &'text [String],
    gate: fn(&str) -> String,
    frame: &Frame,
) -> Vec<(&'text str, Html)> {
    let sources: Vec<String> = texts
        .iter()
        .map(|text| (frame.source)(&gate(text)))
        .collect();
    let texts = texts.iter().map(String::as_str);
    texts.zip(render_each(&sources)).collect()
}

/// Renders all documents in one process, each under a heading of ours.
pub(crate) fn render_each(sources: &[String]) -> Vec<Html> {
    let headed: Vec<String> = sources
        .iter()
        .enumerate()
        .map(|(index, source)| format!("# part {index}\n\n{source}\n"))
        .collect();
    let html = cmark_gfm(&headed.concat());
    let mut parts = html.split("<h1>part ");
    assert_eq!(parts.next(), Some(""));
    let rendered: Vec<Html> = parts
        .enumerate()
        .map(|(index, part)| {
            let heading = format!("{index}</h1>\n");
            Html::parse(part.strip_prefix(&heading).expect("our heading"))
        })
        .collect();
    assert_eq!(rendered.len(), sources.len());
    rendered
}

fn cmark_gfm(source: &str) -> String {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs_err::write(file.path(), source).expect("a written file");
    let output = Command::new("cmark-gfm")
        .args(["--unsafe", "-e", "table", "-e", "autolink"])
        .args(["-e", "strikethrough", "-e", "tagfilter"])
        .arg(file.path())
        .output()
        .expect("cmark-gfm is installed (Debian and Ubuntu: apt-get install cmark-gfm)");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("HTML in UTF-8")
}

#[derive(Debug)]
enum Node {
    Tag(String),
    Text(String),
}

#[derive(Debug)]
pub(crate) struct Html(Vec<Node>);

impl Html {
    fn parse(html: &str) -> Self {
        let mut nodes = Vec::new();
        let mut rest = html;
        while let Some((text, tail)) = rest.split_once('<') {
            let (tag, tail) = tail.split_once('>').expect("a closed tag");
            nodes.push(Node::Text(decoded(text)));
            nodes.push(Node::Tag(tag.to_owned()));
            rest = tail;
        }
        nodes.push(Node::Text(decoded(rest)));
        Self(nodes)
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|node| match node {
            Node::Tag(tag) => Some(tag.as_str()),
            Node::Text(_) => None,
        })
    }

    fn text(&self) -> String {
        self.0
            .iter()
            .filter_map(|node| match node {
                Node::Text(text) => Some(text.as_str()),
                Node::Tag(_) => None,
            })
            .collect()
    }

    pub(crate) fn text_outside_code(&self) -> Vec<String> {
        let mut outside = Vec::new();
        let mut in_code = false;
        for node in &self.0 {
            match node {
                Node::Tag(tag) if tag == "code" => in_code = true,
                Node::Tag(tag) if tag == "/code" => in_code = false,
                Node::Text(text) if !in_code => outside.push(text.clone()),
                Node::Tag(_) | Node::Text(_) => {}
            }
        }
        outside
    }
}

/// The four entities that cmark writes.
fn decoded(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}
