//! The three things a PATCH can say of a nullable field.

/// Whether and how a field changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// The field isn't named: it stays.
    #[default]
    Keep,
    /// The field is `null`: it is emptied.
    Clear,
    /// The field has a new value.
    Set(T),
}

impl<T> Change<T> {
    /// The field after the change.
    pub fn over(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Whether the field isn't named.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}
