//! Others at work at the same time, and services that fail, in a conversation that is kept in memory.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;

/// What somebody else does, or what goes wrong, before a request is answered.
#[derive(Clone, Debug)]
enum Event {
    /// Nothing special.
    None,
    /// Somebody adds a comment of ours with this text.
    Joined(String),
    /// Somebody deletes the comment with this id.
    Deleted(u64),
    /// It fails, and nothing is done.
    Fails(fn() -> PublishError),
    /// It is done, and nobody is told.
    Lost,
    /// A listing does not show the newest.
    Lags,
}

/// A conversation in memory, with a script: one event for each request.
#[derive(Default)]
struct Fake {
    comments: RefCell<Vec<Comment>>,
    next: Cell<u64>,
    script: RefCell<VecDeque<Event>>,
    asked: RefCell<Vec<String>>,
    longest: usize,
}

fn broken() -> PublishError {
    PublishError::Unexpected {
        status: 502,
        message: String::new(),
    }
}

impl Fake {
    fn new(script: impl IntoIterator<Item = Event>) -> Self {
        Self {
            script: RefCell::new(script.into_iter().collect()),
            longest: usize::MAX,
            ..Self::default()
        }
    }

    fn holding(self, bodies: &[&str]) -> Self {
        for body in bodies {
            self.insert(body);
        }
        self
    }

    fn insert(&self, body: &str) -> Comment {
        let id = self.next.get() + 1;
        self.next.set(id);
        let (body, url) = (body.to_owned(), Some(format!("#{id}")));
        let comment = Comment { id, body, url };
        self.comments.borrow_mut().push(comment.clone());
        comment
    }

    /// What happens to this request, after what others did.
    fn begin(&self, request: String) -> Event {
        self.asked.borrow_mut().push(request);
        let event = self.script.borrow_mut().pop_front();
        match event {
            Some(Event::Joined(body)) => {
                self.insert(&body);
                Event::None
            }
            Some(Event::Deleted(id)) => {
                self.comments
                    .borrow_mut()
                    .retain(|comment| comment.id != id);
                Event::None
            }
            event => event.unwrap_or(Event::None),
        }
    }

    fn bodies(&self) -> Vec<String> {
        let comments = self.comments.borrow();
        comments
            .iter()
            .map(|comment| comment.body.clone())
            .collect()
    }

    /// With somebody who always wants the comment to say `text`.
    fn post(&self, text: &str) -> Result<Posted, PublishError> {
        let wish = wish(&[text]);
        let posted = finished(bring_up_to_date(self, &key(), |_| Some(wish.clone())));
        posted.map(|posted| posted.expect("there is always something to say"))
    }
}

impl Conversation for Fake {
    async fn ours(&self, _key: &Key) -> Result<Vec<Comment>, PublishError> {
        match self.begin("list".to_owned()) {
            Event::Fails(error) => Err(error()),
            Event::Lags => {
                let mut ours = self.comments.borrow().clone();
                ours.pop();
                Ok(ours)
            }
            Event::None | Event::Joined(_) | Event::Deleted(_) | Event::Lost => {
                Ok(self.comments.borrow().clone())
            }
        }
    }

    async fn create(&self, body: &str) -> Result<Comment, PublishError> {
        let event = self.begin("create".to_owned());
        if let Event::Fails(error) = event {
            return Err(error());
        }
        let is_lost = matches!(event, Event::Lost);
        if body.len() > self.longest {
            return Err(PublishError::TooLong);
        }
        let made = self.insert(body);
        if is_lost { Err(broken()) } else { Ok(made) }
    }

    async fn update(&self, id: u64, body: &str) -> Result<Comment, PublishError> {
        if let Event::Fails(error) = self.begin(format!("update {id}")) {
            return Err(error());
        }
        if body.len() > self.longest {
            return Err(PublishError::TooLong);
        }
        let mut comments = self.comments.borrow_mut();
        let comment = comments.iter_mut().find(|comment| comment.id == id);
        let comment = comment.ok_or(PublishError::NotFound)?;
        body.clone_into(&mut comment.body);
        Ok(comment.clone())
    }

    async fn delete(&self, id: u64) -> Result<(), PublishError> {
        if let Event::Fails(error) = self.begin(format!("delete {id}")) {
            return Err(error());
        }
        self.comments
            .borrow_mut()
            .retain(|comment| comment.id != id);
        Ok(())
    }
}

/// Nothing here ever waits.
fn finished<Out>(future: impl Future<Output = Out>) -> Out {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(out) => out,
        Poll::Pending => panic!("it waits"),
    }
}

fn key() -> Key {
    Key::of("a")
}

fn wish(texts: &[&str]) -> Wish {
    Wish {
        renderings: texts.iter().map(|text| (*text).to_owned()).collect(),
        memory: "m".to_owned(),
    }
}

fn body(text: &str) -> String {
    format!("{text}\n\n{}", marker::line(&key(), "m"))
}

fn posted(done: Done, id: u64) -> Posted {
    let url = Some(format!("#{id}"));
    Posted { url, done }
}

#[test]
fn a_comment_is_added_after_a_listing_and_seen_to_be_alone() {
    let fake = Fake::new([]);
    assert_eq!(fake.post("red").unwrap(), posted(Done::Added, 1));
    assert_eq!(*fake.asked.borrow(), ["list", "create", "list"]);
    assert_eq!(fake.bodies(), [body("red")]);
}

#[test]
fn what_is_there_is_updated_and_not_written_at_all_if_it_says_so_already() {
    let fake = Fake::new([]).holding(&["old"]);
    assert_eq!(fake.post("green").unwrap(), posted(Done::Updated, 1));
    assert_eq!(fake.post("green").unwrap(), posted(Done::Unchanged, 1));
    assert_eq!(*fake.asked.borrow(), ["list", "update 1", "list"]);
    let lines = body("green").replace('\n', "\r\n");
    let fake = Fake::new([]).holding(&[&format!("{lines}\r\n")]);
    assert_eq!(fake.post("green").unwrap(), posted(Done::Unchanged, 1));
}

#[test]
fn who_decides_to_leave_it_writes_nothing() {
    for held in [&[][..], &["old"]] {
        let fake = Fake::new([]).holding(held);
        assert_eq!(
            finished(bring_up_to_date(&fake, &key(), |_| None)).unwrap(),
            None
        );
        assert_eq!(*fake.asked.borrow(), ["list"]);
    }
}

#[test]
fn what_is_deleted_meanwhile_is_added_again() {
    let fake = Fake::new([Event::None, Event::Deleted(1)]).holding(&["old"]);
    assert_eq!(fake.post("red").unwrap(), posted(Done::Added, 2));
    let asked = ["list", "update 1", "list", "create", "list"];
    assert_eq!(*fake.asked.borrow(), asked);
}

#[test]
fn a_comment_that_can_never_be_updated_ends_in_an_error() {
    let fails = || Event::Fails(|| PublishError::NotFound);
    let script = (0..20).map(|at| if at % 2 == 0 { Event::None } else { fails() });
    let fake = Fake::new(script).holding(&["old"]);
    assert!(matches!(fake.post("red"), Err(PublishError::NotFound)));
    assert_eq!(fake.asked.borrow().len(), 8);
}

#[test]
fn of_two_added_at_once_the_older_stays() {
    // The other was first, and came between our listing and our comment.
    let joined = || Event::Joined("theirs".to_owned());
    let fake = Fake::new([Event::None, joined()]);
    assert_eq!(fake.post("ours").unwrap(), posted(Done::Updated, 1));
    assert_eq!(fake.bodies(), [body("ours")]);
    let asked = ["list", "create", "list", "update 1", "delete 2"];
    assert_eq!(*fake.asked.borrow(), asked);
    // We were first.
    let fake = Fake::new([Event::None, Event::None, joined()]);
    assert_eq!(fake.post("ours").unwrap(), posted(Done::Added, 1));
    assert_eq!(fake.bodies(), [body("ours")]);
}

#[test]
fn the_older_of_two_is_left_to_a_newer_run_and_ours_goes() {
    let fake = Fake::new([Event::None, Event::Joined("newer".to_owned())]);
    let decide = |found: Option<&Found>| found.is_none().then(|| wish(&["ours"]));
    assert_eq!(
        finished(bring_up_to_date(&fake, &key(), decide)).unwrap(),
        None
    );
    assert_eq!(fake.bodies(), ["newer"]);
}

#[test]
fn the_kept_one_is_written_before_the_other_goes() {
    // It is deleted before we can write to it: ours must still be there.
    let theirs = Event::Joined("theirs".to_owned());
    let fake = Fake::new([Event::None, theirs, Event::None, Event::Deleted(1)]);
    assert_eq!(fake.post("ours").unwrap(), posted(Done::Added, 2));
    assert_eq!(fake.bodies(), [body("ours")]);
}

#[test]
fn a_listing_that_lags_behind_does_not_lead_to_a_second_comment() {
    let fake = Fake::new([Event::None, Event::None, Event::Lags]);
    assert_eq!(fake.post("red").unwrap(), posted(Done::Added, 1));
    assert_eq!(fake.bodies(), [body("red")]);
}

#[test]
fn older_duplicates_are_taken_away_and_failing_to_is_no_failure() {
    let fake = Fake::new([]).holding(&["one", "two", "three"]);
    assert_eq!(fake.post("red").unwrap(), posted(Done::Updated, 1));
    assert_eq!(fake.bodies(), [body("red")]);
    let refuses = Event::Fails(|| PublishError::ReadOnly);
    let fake = Fake::new([Event::None, Event::None, refuses]).holding(&["one", "two", "three"]);
    assert_eq!(fake.post("red").unwrap(), posted(Done::Updated, 1));
    assert_eq!(fake.bodies(), [body("red"), "two".to_owned()]);
}

#[test]
fn a_lost_answer_is_looked_for_before_anything_is_added_again() {
    let fake = Fake::new([Event::None, Event::Lost]);
    assert_eq!(fake.post("red").unwrap(), posted(Done::Added, 1));
    assert_eq!(*fake.asked.borrow(), ["list", "create", "list"]);
    assert_eq!(fake.bodies().len(), 1);
}

#[test]
fn a_failure_is_tried_again_twice_after_a_listing_each() {
    let fails = || [Event::None, Event::Fails(broken)];
    let fake = Fake::new([fails(), fails()].into_iter().flatten());
    assert_eq!(fake.post("red").unwrap(), posted(Done::Added, 1));
    let fake = Fake::new([fails(), fails(), fails()].into_iter().flatten());
    let error = fake.post("red").unwrap_err();
    assert!(matches!(
        error,
        PublishError::Unexpected { status: 502, .. }
    ));
    let asked = ["list", "create", "list", "create", "list", "create", "list"];
    assert_eq!(*fake.asked.borrow(), asked);
    assert!(fake.bodies().is_empty());
}

#[test]
fn a_refusal_is_not_tried_again() {
    let fake = Fake::new([Event::None, Event::Fails(|| PublishError::ReadOnly)]);
    assert!(matches!(fake.post("red"), Err(PublishError::ReadOnly)));
    assert_eq!(*fake.asked.borrow(), ["list", "create"]);
}

#[test]
fn what_was_added_counts_even_if_it_can_t_be_listed_any_more() {
    let fake = Fake::new([Event::None, Event::None, Event::Fails(broken)]);
    assert_eq!(fake.post("red").unwrap(), posted(Done::Added, 1));
}

#[test]
fn the_first_text_that_fits_is_taken() {
    let long = "x".repeat(MOST);
    let exact = "x".repeat(MOST - body("").len());
    for (texts, longest, taken) in [
        (
            &[long.as_str(), "short", "shorter"][..],
            usize::MAX,
            "short",
        ),
        (&[&exact, "short"], usize::MAX, &exact),
        (&[&long, "a text", "text"], body("text").len(), "text"),
    ] {
        for held in [&[][..], &["old"]] {
            let fake = Fake {
                longest,
                ..Fake::new([]).holding(held)
            };
            let wish = wish(texts);
            finished(bring_up_to_date(&fake, &key(), |_| Some(wish.clone()))).unwrap();
            assert_eq!(fake.bodies(), [body(taken)]);
        }
    }
    let fake = Fake::new([]);
    let result = finished(bring_up_to_date(&fake, &key(), |_| Some(wish(&[&long]))));
    assert!(matches!(result, Err(PublishError::TooLong)));
    assert_eq!(*fake.asked.borrow(), ["list"]);
}

#[test]
fn what_the_comment_remembers_is_told() {
    let held = format!("old\n\n{}", marker::line(&key(), "before"));
    let changed = held.replace("before", "beforf");
    for (held, memory) in [(held, Some("before")), (changed, None)] {
        let fake = Fake::new([]).holding(&[&held]);
        let mut seen = None;
        let decide = |found: Option<&Found>| {
            seen = found.cloned();
            None
        };
        finished(bring_up_to_date(&fake, &key(), decide)).unwrap();
        let found = seen.unwrap();
        assert_eq!(found.memory.as_deref(), memory);
        assert_eq!(found.url.as_deref(), Some("#1"));
    }
}
