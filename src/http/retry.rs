//! The retry rule: what is repeated, how often, and how long is waited.
//!
//! A loop and not `tower::retry`, whose policy can wait only in order to repeat: here a `POST` is
//! waited for too, and then handed back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use super::HttpError;
use super::pause::{self, IsRateLimit};

/// How often a request is sent again at most.
const MOST: u32 = 3;

/// The pause before a request is first sent again where nobody asks for one. Doubles each time.
const FIRST: Duration = Duration::from_secs(1);

/// Marks a request that may be repeated whatever its method says: a GraphQL query is a `POST` that
/// changes nothing. Put it into the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct SafeToRepeat;

/// What decides whether a request is sent again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// Whether the request has the same effect when it arrives twice.
    is_safe: bool,
    /// What the caller knows of a 403.
    forbidden: Option<IsRateLimit>,
}

impl Rule {
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        let safe = [
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ];
        let extensions = request.extensions();
        let is_marked = extensions.get::<SafeToRepeat>().is_some();
        Self {
            is_safe: safe.contains(request.method()) || is_marked,
            forbidden: extensions.get().copied(),
        }
    }
}

/// What may still be waited.
#[derive(Debug)]
pub(super) struct Patience {
    milliseconds: AtomicU64,
}

impl Patience {
    pub(super) fn new(whole: Duration) -> Self {
        Self {
            milliseconds: AtomicU64::new(milliseconds(whole)),
        }
    }

    /// Takes `pause` off; `false` if that is more than what is left.
    fn take(&self, pause: Duration) -> bool {
        let pause = milliseconds(pause);
        let less = |left: u64| left.checked_sub(pause);
        self.milliseconds
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }
}

fn milliseconds(pause: Duration) -> u64 {
    u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)
}

/// Why a request should be sent again, and when.
enum Again {
    /// The service says how long it wants to be left alone.
    Asked(Duration),
    /// Something failed that may work soon.
    Failed(Duration),
}

/// Sends by `attempt` until there is something to hand back. `host` is for errors.
pub(super) async fn send<Attempt>(
    patience: &Patience,
    host: &str,
    rule: Rule,
    mut attempt: impl FnMut() -> Attempt,
) -> Result<Response<Bytes>, HttpError>
where
    Attempt: Future<Output = Result<Response<Bytes>, HttpError>>,
{
    let mut repeats = 0;
    loop {
        let result = attempt().await;
        let pause = match again(&result, rule, repeats) {
            // Whoever calls hears of what is in the way, not that three attempts were too few.
            Some(Again::Asked(pause)) if repeats < MOST => {
                if !patience.take(pause) {
                    let host = host.to_owned();
                    return Err(HttpError::Pause { host, pause });
                }
                pause
            }
            Some(Again::Failed(pause)) if repeats < MOST && patience.take(pause) => pause,
            Some(_) | None => return result,
        };
        tokio::time::sleep(pause).await;
        if !rule.is_safe {
            return result;
        }
        repeats += 1;
    }
}

fn again(result: &Result<Response<Bytes>, HttpError>, rule: Rule, repeats: u32) -> Option<Again> {
    let failed = || Again::Failed(FIRST.saturating_mul(2u32.saturating_pow(repeats)));
    match result {
        Ok(response) => {
            let now = SystemTime::now();
            let asked = pause::demanded(response, rule.forbidden, repeats, now);
            asked
                .map(Again::Asked)
                .or_else(|| is_passing(response.status()).then(failed))
        }
        Err(error) => error.is_passing().then(failed),
    }
}

/// Whether a failure of the service may be over soon.
fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use tokio::time::Instant;

    use super::*;

    const ALL: Duration = Duration::from_mins(2);

    #[expect(clippy::unnecessary_wraps, reason = "what an attempt comes to")]
    fn status(status: u16) -> Result<Response<Bytes>, HttpError> {
        Ok(Response::builder()
            .status(status)
            .body(Bytes::new())
            .unwrap())
    }

    #[expect(clippy::unnecessary_wraps, reason = "what an attempt comes to")]
    fn asking(status: u16, seconds: u64) -> Result<Response<Bytes>, HttpError> {
        let response = Response::builder().status(status);
        let response = response.header("retry-after", seconds);
        Ok(response.body(Bytes::new()).unwrap())
    }

    fn slow() -> Result<Response<Bytes>, HttpError> {
        let host = "api.example".to_owned();
        let limit = Duration::from_secs(30);
        Err(HttpError::Slow { host, limit })
    }

    /// What came of it, how often it was sent, and how many seconds passed.
    async fn sent<const ANSWERS: usize>(
        patience: &Patience,
        is_safe: bool,
        answers: [Result<Response<Bytes>, HttpError>; ANSWERS],
    ) -> (String, usize, u64) {
        let mut answers = VecDeque::from(answers);
        let started = Instant::now();
        let forbidden = Some(IsRateLimit(|answer| {
            answer.headers().contains_key("retry-after")
        }));
        let rule = Rule { is_safe, forbidden };
        let result = send(patience, "api.example", rule, || {
            std::future::ready(answers.pop_front().unwrap())
        });
        let said = match result.await {
            Ok(response) => response.status().as_str().to_owned(),
            Err(error) => error.to_string(),
        };
        (said, ANSWERS - answers.len(), started.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_safe_is_sent_up_to_three_times_more() {
        for code in [500, 502, 503, 504] {
            let answers = [status(code), status(code), status(code), status(200)];
            let found = sent(&Patience::new(ALL), true, answers).await;
            assert_eq!(found, ("200".to_owned(), 4, 1 + 2 + 4));
            let answers = [status(code), status(code), status(code), status(code)];
            let found = sent(&Patience::new(ALL), true, answers).await;
            assert_eq!(found, (code.to_string(), 4, 1 + 2 + 4));
        }
        let found = sent(&Patience::new(ALL), true, [slow(), status(204)]).await;
        assert_eq!(found, ("204".to_owned(), 2, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn answers_that_will_not_change_are_taken_at_once() {
        for code in [200, 201, 301, 400, 401, 403, 404, 410, 422, 501] {
            let found = sent(&Patience::new(ALL), true, [status(code), status(200)]).await;
            assert_eq!(found, (code.to_string(), 1, 0));
        }
        let large = HttpError::TooLarge {
            host: "api.example".to_owned(),
            most: 32 << 20,
        };
        let text = "api.example answered with more than 32 MB".to_owned();
        let found = sent(&Patience::new(ALL), true, [Err(large), status(200)]).await;
        assert_eq!(found, (text, 1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_have_had_an_effect_is_sent_once_and_handed_back_after_the_pause() {
        for (answer, said, seconds) in [
            (asking(429, 7), "429", 7),
            (asking(403, 7), "403", 7),
            (status(429), "429", 60),
            (status(502), "502", 1),
            (status(422), "422", 0),
            (slow(), "api.example gave no answer within 30 s", 1),
            (asking(429, 121), "api.example asks for a pause of 121 s", 0),
        ] {
            let found = sent(&Patience::new(ALL), false, [answer, status(201)]).await;
            assert_eq!(found, (said.to_owned(), 1, seconds));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_is_left_alone_for_as_long_as_it_asks() {
        let answers = [
            asking(429, 0),
            asking(403, 45),
            asking(503, 10),
            status(200),
        ];
        let found = sent(&Patience::new(ALL), true, answers).await;
        assert_eq!(found, ("200".to_owned(), 4, 55));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_of_all_the_patience_there_is_is_kept_and_a_longer_one_refused() {
        for (seconds, expected) in [
            (120, ("200".to_owned(), 2, 120)),
            (
                121,
                ("api.example asks for a pause of 121 s".to_owned(), 1, 0),
            ),
        ] {
            let answers = [asking(429, seconds), status(200)];
            assert_eq!(sent(&Patience::new(ALL), true, answers).await, expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_without_a_time_is_waited_for_once() {
        let found = sent(&Patience::new(ALL), true, [status(429), status(200)]).await;
        assert_eq!(found, ("200".to_owned(), 2, 60));
        let found = sent(&Patience::new(ALL), true, [status(429), status(429)]).await;
        let text = "api.example asks for a pause of 120 s".to_owned();
        assert_eq!(found, (text, 2, 60));
    }

    #[tokio::test(start_paused = true)]
    async fn all_pauses_together_have_a_limit() {
        let patience = Patience::new(Duration::from_secs(100));
        let found = sent(&patience, true, [asking(429, 97), status(200)]).await;
        assert_eq!(found, ("200".to_owned(), 2, 97));
        let found = sent(&patience, false, [asking(429, 4), status(200)]).await;
        let text = "api.example asks for a pause of 4 s".to_owned();
        assert_eq!(found, (text, 1, 0));
        // Nobody asked for these: what there is, is handed back.
        let found = sent(&patience, true, [status(500), status(502), status(503)]).await;
        assert_eq!(found, ("503".to_owned(), 3, 3));
        let found = sent(&patience, true, [status(500), status(200)]).await;
        assert_eq!(found, ("500".to_owned(), 1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_absurd_pause_is_refused_at_once() {
        let forever = [asking(429, u64::MAX), status(200)];
        let found = sent(&Patience::new(ALL), true, forever).await;
        let text = format!("api.example asks for a pause of {} s", u64::MAX);
        assert_eq!(found, (text, 1, 0));
    }

    #[test]
    fn methods_that_mean_the_same_twice_are_safe_and_others_only_if_marked() {
        let is_safe = |method: &str| {
            let request = Request::builder().method(method);
            Rule::of(&request.body(Bytes::new()).unwrap()).is_safe
        };
        assert!(
            ["GET", "HEAD", "PUT", "PATCH", "DELETE"]
                .into_iter()
                .all(is_safe)
        );
        assert!(!["POST", "CONNECT", "OTHER"].into_iter().any(is_safe));
        let query = Request::post("/graphql").extension(SafeToRepeat);
        assert!(Rule::of(&query.body(Bytes::new()).unwrap()).is_safe);
    }
}
