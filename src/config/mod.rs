//! What a user can configure: values that may be absent, the files they are written in, and the
//! settings they add up to.
//!
//! ```text
//!  semtest.config.{ts,js,mjs} ─▶ script (oxc, QuickJS) ─┐
//!  semtest.config.json ─────────▶ json ─────────────────┴─▶ read ─▶ PartialConfig ─▶ Settings
//!                                  places: which span of the file a field was written at ─▶ problem
//! ```
//!
//! A config file is written by a stranger: it runs without file, network or process access, and
//! within limits of time, memory and size. This room doesn't know which model keys exist:
//! [`Loaded::error_at`] lets the caller point at a field.

mod error;
mod fields;
mod find;
mod json;
mod load;
mod noise;
mod partial;
mod places;
mod problem;
mod project;
mod read;
mod script;
mod settings;
mod source;
mod template;
mod value;
mod waivers;

pub use error::ConfigError;
pub use fields::{FIELDS, Field};
pub use find::{FILE_NAMES, find};
pub use load::{Loaded, load, parse_agents};
pub use noise::{NOISE_NAME, load_noise, parse_noise, render_noise};
pub use partial::{Bail, CustomAgent, Junit, PartialConfig, PromptBy};
pub use settings::{Settings, resolve};
pub use template::init_template;
pub use waivers::{WAIVERS_NAME, add_waiver, load_waivers, parse_waivers};
