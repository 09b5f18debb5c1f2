//! A JavaScript value to a config value. Getters and proxies run here, inside the limits.

use rquickjs::object::Filter;
use rquickjs::{Ctx, Error, Exception, Object, Type};

use crate::config::value::Value;

/// How deep values may nest: more than any field does.
const DEEPEST: usize = 16;

/// How many values there may be. A value that is used twice counts twice, and those that hold
/// each other multiply.
const MOST: usize = 100_000;

/// How many bytes of text there may be.
const MOST_BYTES: usize = 1024 * 1024;

/// Reads a value completely.
pub(super) fn to_value(value: &rquickjs::Value<'_>) -> Result<Value, Error> {
    let mut converter = Converter {
        values: 0,
        bytes: 0,
    };
    converter.value(value, 0)
}

struct Converter {
    values: usize,
    bytes: usize,
}

impl Converter {
    fn value(&mut self, value: &rquickjs::Value<'_>, depth: usize) -> Result<Value, Error> {
        self.values += 1;
        self.check(value.ctx())?;
        if depth > DEEPEST {
            return Ok(Value::Other("something that nests this deeply"));
        }
        Ok(match value.type_of() {
            Type::Undefined => Value::Other("undefined"),
            Type::Null => Value::Null,
            Type::Bool => Value::Bool(value.as_bool().unwrap_or_default()),
            Type::Int | Type::Float => Value::Number(value.as_number().unwrap_or(f64::NAN)),
            Type::String => self.text(value)?,
            Type::Array => self.list(value, depth)?,
            Type::Object => self.map(value, depth)?,
            Type::Function | Type::Constructor => Value::Other("a function"),
            Type::Proxy => Value::Other("a proxy"),
            Type::Promise => Value::Other("a promise"),
            Type::Symbol => Value::Other("a symbol"),
            Type::BigInt => Value::Other("a big integer"),
            Type::Exception => Value::Other("an error"),
            Type::Uninitialized | Type::Module | Type::Unknown => Value::Other("something else"),
        })
    }

    fn check(&self, ctx: &Ctx<'_>) -> Result<(), Error> {
        if self.values > MOST || self.bytes > MOST_BYTES {
            return Err(Exception::throw_range(ctx, "the config is too large"));
        }
        Ok(())
    }

    fn text(&mut self, value: &rquickjs::Value<'_>) -> Result<Value, Error> {
        match value.get::<String>() {
            Ok(text) => {
                self.bytes += text.len();
                self.check(value.ctx())?;
                Ok(Value::String(text))
            }
            // Half a surrogate pair.
            Err(Error::Utf8(_)) => Ok(Value::Other("a text that is not Unicode")),
            Err(error) => Err(error),
        }
    }

    fn list(&mut self, value: &rquickjs::Value<'_>, depth: usize) -> Result<Value, Error> {
        let array = value.get::<rquickjs::Array<'_>>()?;
        let mut items = Vec::new();
        for index in 0..array.len() {
            items.push(self.value(&array.get(index)?, depth + 1)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, value: &rquickjs::Value<'_>, depth: usize) -> Result<Value, Error> {
        let object = value.get::<Object<'_>>()?;
        if !is_plain(value.ctx(), &object)? {
            return Ok(Value::Other("an instance of a class"));
        }
        let mut fields = Vec::new();
        for name in object.own_keys::<String>(Filter::default()) {
            let name = name?;
            let value: rquickjs::Value<'_> = object.get(name.as_str())?;
            self.bytes += name.len();
            // As everywhere in JavaScript, undefined is as good as absent.
            if !value.is_undefined() {
                fields.push((name, self.value(&value, depth + 1)?));
            }
        }
        Ok(Value::Map(fields))
    }
}

/// Whether an object was made by a literal, so its own fields are all there is.
fn is_plain<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<bool, Error> {
    let Some(prototype) = object.get_prototype() else {
        return Ok(true);
    };
    let plain = Object::new(ctx.clone())?.get_prototype();
    Ok(plain.is_some_and(|plain| plain == prototype))
}
