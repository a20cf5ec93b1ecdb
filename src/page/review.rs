//! The answers, looked over before they are sent.

use zeroize::Zeroize;

use crate::answer::Answer;

/// A question with its answer.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Reviewed {
    /// Name of the field, which a link to it leads to.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// What is answered, as people read it; none where it was left out.
    pub values: Vec<String>,
}

impl From<Answer> for Reviewed {
    fn from(mut answer: Answer) -> Self {
        Self {
            name: std::mem::take(&mut answer.name),
            label: std::mem::take(&mut answer.label),
            values: std::mem::take(&mut answer.values),
        }
    }
}

impl Drop for Reviewed {
    fn drop(&mut self) {
        self.values.zeroize();
    }
}
