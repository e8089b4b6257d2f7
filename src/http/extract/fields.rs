//! Checking the fields of a request, all of them, before the first refusal.

use std::{fmt::Display, str::FromStr};

use crate::app::{AppError, AppResult, FieldProblem};

/// Collects what is wrong, so that a caller learns of everything at once.
///
/// ```
/// # use devsanctum::{domain::names::{Email, Username}, http::extract::Fields};
/// let mut fields = Fields::default();
/// let email = fields.parse::<Email>("email", "ada@example.org");
/// let username = fields.parse::<Username>("username", "ada");
/// let (email, username) = fields.all((email, username))?;
/// # Ok::<_, devsanctum::app::AppError>(())
/// ```
#[derive(Default)]
pub struct Fields(Vec<FieldProblem>);

impl Fields {
    /// Parses a name of the domain; its error says what would be right.
    pub fn parse<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(field, "invalid", error.to_string());
                None
            }
        }
    }

    /// The same for a field that may be absent.
    pub fn parse_some<T>(&mut self, field: &str, text: Option<&str>) -> Option<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        match text {
            None => Some(None),
            Some(text) => self.parse(field, text).map(Some),
        }
    }

    /// Free text of at most `max` characters, without control characters.
    pub fn text(&mut self, field: &str, text: &str, max: usize) -> Option<String> {
        let text = text.trim();
        if text.chars().count() > max {
            self.refuse(field, "too_long", format!("must have at most {max} characters"));
        } else if text.chars().any(char::is_control) {
            self.refuse(field, "invalid", "must not contain control characters");
        } else {
            return Some(text.to_owned());
        }
        None
    }

    pub fn refuse(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.0.push(FieldProblem::new(field, code, message));
    }

    /// The values, if nothing was refused.
    pub fn all<T: Complete>(self, values: T) -> AppResult<T::Values> {
        match values.complete() {
            Some(values) if self.0.is_empty() => Ok(values),
            _ => Err(AppError::Invalid(self.0)),
        }
    }
}

/// A tuple of options that may all hold a value.
pub trait Complete {
    type Values;
    fn complete(self) -> Option<Self::Values>;
}

macro_rules! complete {
    ($($name:ident),*) => {
        impl<$($name),*> Complete for ($(Option<$name>,)*) {
            type Values = ($($name,)*);

            #[expect(non_snake_case, reason = "variables take the names of their types")]
            fn complete(self) -> Option<Self::Values> {
                let ($($name,)*) = self;
                Some(($($name?,)*))
            }
        }
    };
}

complete!(A);
complete!(A, B);
complete!(A, B, C);
complete!(A, B, C, D);
