//! The helpers of a model: hired when they are needed, replaced when they are gone.

use crate::config::Checked;
use crate::device::Device;
use crate::team::{Gone, Helper};

/// So many losses, none of them after a job that was done, and no more are hired.
const TRIES: u32 = 3;

/// Who computes parts of a step beside the owner.
#[derive(Default)]
pub struct Crew {
    helpers: Vec<Box<dyn Helper>>,
    lost: Vec<Gone>,
    /// Losses in a row.
    in_a_row: u32,
    /// Whether those who are here were given something to do.
    asked: bool,
}

impl Crew {
    /// Who is there for a step of so many parts; the owner is none of them.
    pub fn muster(&mut self, device: &Device, checked: &Checked, parts: usize) -> &[Box<dyn Helper>] {
        let before = self.lost.len();
        self.helpers.retain(|helper| match helper.gone() {
            None => true,
            Some(gone) => {
                self.lost.push(gone);
                false
            }
        });
        let losses = self.lost.len() - before;
        if losses > 0 {
            self.in_a_row += losses as u32;
        } else if self.asked && !self.helpers.is_empty() {
            self.in_a_row = 0;
        }
        let wanted = device.workers().min(parts).saturating_sub(1);
        self.helpers.truncate(device.workers().saturating_sub(1));
        while self.helpers.len() < wanted && !self.is_failing() {
            let Some(helper) = device.team().and_then(|team| team.hire(checked)) else {
                self.in_a_row = TRIES;
                break;
            };
            self.helpers.push(helper);
            self.asked = false;
        }
        let here = &self.helpers[..wanted.min(self.helpers.len())];
        self.asked |= !here.is_empty();
        here
    }

    /// Whether no more are hired, because those before ended one after the other.
    pub fn is_failing(&self) -> bool {
        self.in_a_row >= TRIES
    }

    /// Those who were lost since the last call.
    pub fn take_lost(&mut self) -> Vec<Gone> {
        std::mem::take(&mut self.lost)
    }
}
