//! Reads settings field by field: an absent field stays, `null` gives its default, an offence
//! names its path.

use std::ops::RangeInclusive;

use indexmap::IndexMap;
use serde_json::Value;

use crate::fault::{Fault, FaultCode};
use crate::object::{Object, unknown_value, wrong_type};
use crate::session::{check_redirect_url, check_text};

/// Most bytes of a logo as `data:` URL: it stands in every page and mail.
const MAXIMUM_LOGO: usize = 131_072;
/// Most characters of a language tag (RFC 5646 §4.4.1).
const MAXIMUM_LOCALE: usize = 35;
/// Most characters of a key of one of the maps.
const MAXIMUM_KEY: usize = 64;

/// An object whose fields change settings.
pub(super) struct Fields<'a, 'f> {
    object: Object<'a>,
    faults: &'f mut Vec<Fault>,
}

impl<'a, 'f> Fields<'a, 'f> {
    /// Opens the body; anything but an object is an offence.
    pub(super) fn open(body: &'a Value, faults: &'f mut Vec<Fault>) -> Option<Self> {
        let object = Object::open("", body, faults)?;
        Some(Self { object, faults })
    }

    /// Whether a field is there and not null.
    pub(super) fn is_given(&mut self, name: &'static str) -> bool {
        self.object.get(name).is_some()
    }

    /// Whether the body names a field.
    pub(super) fn names(&mut self, name: &'static str) -> bool {
        self.object.raw(name).is_some()
    }

    /// Notes an offence of a field.
    pub(super) fn refuse(&mut self, name: &str, code: FaultCode, message: &str) {
        let fault = Fault::new(self.object.at(name), code, message);
        self.faults.push(fault);
    }

    /// A field of which `null` gives `default`.
    fn change<T>(
        &mut self,
        name: &'static str,
        place: &mut T,
        default: T,
        read: impl FnOnce(&mut Object<'a>, &mut Vec<Fault>) -> Option<T>,
    ) {
        match self.object.raw(name) {
            None => {}
            Some(Value::Null) => *place = default,
            Some(_) => {
                if let Some(value) = read(&mut self.object, self.faults) {
                    *place = value;
                }
            }
        }
    }

    pub(super) fn flag(&mut self, name: &'static str, place: &mut bool, default: bool) {
        self.change(name, place, default, |object, faults| {
            object.flag(name, faults)
        });
    }

    pub(super) fn number(
        &mut self,
        name: &'static str,
        place: &mut u32,
        default: u32,
        range: RangeInclusive<u32>,
    ) {
        self.change(name, place, default, |object, faults| {
            object.integer(name, range, faults)
        });
    }

    /// A number that `null` switches off.
    pub(super) fn optional_number(
        &mut self,
        name: &'static str,
        place: &mut Option<u32>,
        range: RangeInclusive<u32>,
    ) {
        self.change(name, place, None, |object, faults| {
            object.integer(name, range, faults).map(Some)
        });
    }

    /// A share from 0 to 1 that `null` switches off.
    pub(super) fn optional_share(&mut self, name: &'static str, place: &mut Option<f64>) {
        self.change(name, place, None, |object, faults| {
            let Value::Number(number) = object.get(name)? else {
                faults.push(wrong_type(object.at(name), "a number"));
                return None;
            };
            let share = number.as_f64().filter(|share| (0.0..=1.0).contains(share));
            if share.is_none() {
                let message = "Must be a number from 0 to 1.";
                faults.push(Fault::new(object.at(name), FaultCode::OutOfRange, message));
            }
            share.map(Some)
        });
    }

    /// A word of a closed list, which can't be null.
    pub(super) fn word<T: std::str::FromStr<Err = crate::UnknownWord> + Copy>(
        &mut self,
        name: &'static str,
        place: &mut T,
        default: T,
        known: &[&str],
    ) {
        self.change(name, place, default, |object, faults| {
            object.word(name, known, faults)
        });
    }

    /// A checked text that `null` empties.
    pub(super) fn optional_text(
        &mut self,
        name: &'static str,
        place: &mut Option<String>,
        check: fn(&str, &str) -> Result<(), Fault>,
    ) {
        self.change(name, place, None, |object, faults| {
            let text = object.text(name, faults)?;
            match check(&object.at(name), text) {
                Ok(()) => Some(Some(text.to_owned())),
                Err(fault) => {
                    faults.push(fault);
                    None
                }
            }
        });
    }

    /// A list of checked texts, each once; `null` empties it.
    pub(super) fn texts(
        &mut self,
        name: &'static str,
        place: &mut Vec<String>,
        most: usize,
        check: impl Fn(&str, &str) -> Result<(), Fault>,
    ) {
        self.change(name, place, Vec::new(), |object, faults| {
            read_texts(object, name, most, check, faults)
        });
    }

    /// The same where `null` is no empty list but none.
    pub(super) fn optional_texts(
        &mut self,
        name: &'static str,
        place: &mut Option<Vec<String>>,
        most: usize,
        check: impl Fn(&str, &str) -> Result<(), Fault>,
    ) {
        self.change(name, place, None, |object, faults| {
            read_texts(object, name, most, check, faults).map(Some)
        });
    }

    /// A map with keys of the caller's choosing, which takes the place of the former one; `null`
    /// empties it.
    pub(super) fn map<T>(
        &mut self,
        name: &'static str,
        place: &mut IndexMap<String, T>,
        most: usize,
        read: impl Fn(&str, &Value) -> Result<T, Fault>,
    ) {
        self.change(name, place, IndexMap::new(), |object, faults| {
            let given = object.map(name, faults)?;
            if given.len() > most {
                faults.push(too_many(&object.at(name), most));
                return None;
            }
            let before = faults.len();
            let mut map = IndexMap::new();
            for (key, value) in given {
                let path = object.at(&format!("{name}.{key}"));
                match check_key(&path, key).and_then(|()| read(&path, value)) {
                    Ok(value) => {
                        map.insert(key.clone(), value);
                    }
                    Err(fault) => faults.push(fault),
                }
            }
            (faults.len() == before).then_some(map)
        });
    }

    /// An object within the settings; `null` gives the default of all its fields.
    pub(super) fn within<T: Default>(
        &mut self,
        name: &'static str,
        place: &mut T,
        read: impl FnOnce(&mut Fields<'a, '_>, &mut T),
    ) {
        let path = self.object.at(name);
        match self.object.raw(name) {
            None => {}
            Some(Value::Null) => *place = T::default(),
            Some(value) => {
                if let Some(object) = Object::open(&path, value, self.faults) {
                    let faults = &mut *self.faults;
                    read(&mut Fields { object, faults }, place);
                }
            }
        }
    }

    /// A text as it came.
    pub(super) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        if matches!(self.object.raw(name), Some(Value::Null)) {
            self.refuse(name, FaultCode::WrongType, "May not be null.");
            return None;
        }
        self.object.text(name, self.faults)
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self, name: &'static str) -> Option<i64> {
        let value = self.object.get(name)?;
        let count = value.as_i64().filter(|count| *count >= 0);
        if count.is_none() {
            self.refuse(name, FaultCode::WrongType, "Must be a whole number.");
        }
        count
    }
}

fn read_texts(
    object: &mut Object<'_>,
    name: &'static str,
    most: usize,
    check: impl Fn(&str, &str) -> Result<(), Fault>,
    faults: &mut Vec<Fault>,
) -> Option<Vec<String>> {
    let items = object.list(name, faults)?;
    if items.len() > most {
        faults.push(too_many(&object.at(name), most));
        return None;
    }
    let before = faults.len();
    let mut texts: Vec<String> = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let path = format!("{}[{position}]", object.at(name));
        let Some(text) = item.as_str() else {
            faults.push(wrong_type(path, "a string"));
            continue;
        };
        match check(&path, text) {
            Ok(()) if texts.iter().any(|known| known == text) => {}
            Ok(()) => texts.push(text.to_owned()),
            Err(fault) => faults.push(fault),
        }
    }
    (faults.len() == before).then_some(texts)
}

fn too_many(path: &str, most: usize) -> Fault {
    let message = format_args!("May have at most {most} entries.");
    Fault::new(path, FaultCode::TooMany, message)
}

/// Keys of maps are names: lower-case letters, digits and underscores.
fn check_key(path: &str, key: &str) -> Result<(), Fault> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if (1..=MAXIMUM_KEY).contains(&key.len()) && key.chars().all(allowed) {
        return Ok(());
    }
    let message = "A key may have 1 to 64 lower-case letters, digits and underscores.";
    Err(Fault::new(path, FaultCode::Invalid, message))
}

/// A text of one line, at most 200 characters: it may stand in a mail's header.
pub(super) fn check_line(path: &str, text: &str) -> Result<(), Fault> {
    check_text(path, text, super::MAXIMUM_NAME)?;
    if text.chars().any(char::is_control) {
        let message = "May not hold line breaks or other controls.";
        return Err(Fault::new(path, FaultCode::Invalid, message));
    }
    Ok(())
}

/// The address of a page: as [`check_redirect_url`], at another path.
pub(super) fn check_page(path: &str, text: &str) -> Result<(), Fault> {
    check_redirect_url(text).map_err(|fault| Fault::new(path, fault.code, fault.message))
}

/// An e-mail address.
pub(super) fn check_email(path: &str, text: &str) -> Result<(), Fault> {
    if crate::session::is_email(text) && !text.contains(['<', '>', '\0']) {
        return Ok(());
    }
    Err(Fault::new(
        path,
        FaultCode::Invalid,
        "Must be an e-mail address.",
    ))
}

/// A language tag: the form of RFC 5646, without looking it up in the registry.
pub(super) fn check_locale(path: &str, text: &str) -> Result<(), Fault> {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let formed = (2..=3).contains(&language.len())
        && language.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        });
    if formed && text.len() <= MAXIMUM_LOCALE {
        return Ok(());
    }
    let message = "Must be a language tag, such as de or pt-BR.";
    Err(Fault::new(path, FaultCode::Invalid, message))
}

/// A colour as `#rrggbb`.
pub(super) fn read_colour(path: &str, value: &Value) -> Result<String, Fault> {
    let Some(text) = value.as_str() else {
        return Err(wrong_type(path, "a string"));
    };
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    let message = "Must be a colour as #rrggbb.";
    Err(Fault::new(path, FaultCode::Invalid, message))
}

/// A picture in a `data:` URL (RFC 2397) of a kind that runs no code.
pub(super) fn check_logo(path: &str, text: &str) -> Result<(), Fault> {
    check_text(path, text, MAXIMUM_LOGO)?;
    let kinds = ["image/png", "image/jpeg", "image/webp"];
    let content = kinds.iter().find_map(|kind| {
        let rest = text.strip_prefix("data:")?.strip_prefix(kind)?;
        rest.strip_prefix(";base64,")
    });
    let is_base64 = |content: &str| {
        let digits = content.trim_end_matches('=');
        !digits.is_empty()
            && content.len().is_multiple_of(4)
            && content.len() - digits.len() <= 2
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
    };
    if content.is_some_and(is_base64) {
        return Ok(());
    }
    let message = "Must be a data: URL of a PNG, JPEG or WebP picture in base64.";
    Err(Fault::new(path, FaultCode::Invalid, message))
}

/// One word of a closed list, as a map's value.
pub(super) fn read_word<T: std::str::FromStr>(
    path: &str,
    value: &Value,
    known: &[&str],
) -> Result<T, Fault> {
    let Some(text) = value.as_str() else {
        return Err(wrong_type(path, "a string"));
    };
    text.parse().map_err(|_| unknown_value(path, known))
}
