//! Linear layers, y = x·W + b with W [in, out], and what is fused to them.

use super::matmul::{BiasAxis, Flavor, Product};
use super::{Dropout, join_gradient, masked_gradient};
use crate::config::Activation;
use crate::tape::{Life, Region, Tape, Value};

/// What a linear layer reads.
#[derive(Clone, Copy, Debug)]
pub enum Operand {
    /// A value.
    Plain(Value),
    /// post = activation(pre), both stored: the layer's input gradient is multiplied by the derivative on its way out,
    /// and so arrives at `pre` without a pass of its own.
    Activated {
        /// Before the nonlinearity: receives the gradient.
        pre: Value,
        /// After it: what is read.
        post: Region,
        /// The nonlinearity.
        activation: Activation,
    },
}

impl Operand {
    fn source(self) -> Value {
        match self {
            Self::Plain(value) | Self::Activated { pre: value, .. } => value,
        }
    }
    fn data(self, tape: &Tape) -> Region {
        match self {
            Self::Plain(value) => tape.data(value),
            Self::Activated { post, .. } => post,
        }
    }
}

/// residual + dropout(x·W + b), [rows, out]; each part where it is given.
pub fn linear(
    tape: &mut Tape,
    name: &str,
    x: Operand,
    (weight, bias): (Value, Option<Value>),
    residual: Option<Value>,
    dropout: Option<Dropout>,
) -> Value {
    linear_with_life(tape, name, x, (weight, bias), residual, dropout, Life::Passing)
}

/// The same, with a say in how long the result lives: the attention view reads `qkv`.
pub fn linear_with_life(
    tape: &mut Tape,
    name: &str,
    x: Operand,
    (weight, bias): (Value, Option<Value>),
    residual: Option<Value>,
    dropout: Option<Dropout>,
    life: Life,
) -> Value {
    let shape = [tape.rows(x.source()), tape.columns(weight)];
    let out = tape.tensor_kept(name, &shape, life);
    let product = Product {
        dropout: dropout.map(|d| (d.site, d.rate, d.step)),
        residual: residual.map(|v| tape.data(v)),
        ..forward(tape, x, weight, bias, tape.data(out))
    };
    dispatch_and_record(tape, product, x, (weight, bias), out, residual, dropout);
    out
}

/// activation(x·W + b), [rows, out].
pub fn linear_activated(
    tape: &mut Tape,
    name: &str,
    x: Operand,
    (weight, bias): (Value, Option<Value>),
    activation: Activation,
) -> Operand {
    let shape = [tape.rows(x.source()), tape.columns(weight)];
    let pre = tape.tensor(name, &shape);
    let activated = tape.tensor(format!("{name}.activated"), &shape);
    let post = tape.data(activated);
    let product =
        Product { activation: Some(activation), pre: Some(tape.data(pre)), ..forward(tape, x, weight, bias, post) };
    dispatch_and_record(tape, product, x, (weight, bias), pre, None, None);
    Operand::Activated { pre, post, activation }
}

fn forward(tape: &Tape, x: Operand, weight: Value, bias: Option<Value>, out: Region) -> Product {
    let (inner, columns) = (tape.rows(weight), tape.columns(weight));
    Product {
        flavor: Flavor::NN,
        rows: tape.rows(x.source()),
        columns,
        inner,
        a: x.data(tape),
        a_stride: inner,
        b: tape.data(weight),
        b_stride: columns,
        out,
        out_stride: columns,
        bias: bias.map(|v| tape.data(v)),
        activation: None,
        pre: None,
        dropout: None,
        residual: None,
        grad_bias: None,
        accumulate: false,
    }
}

fn dispatch_and_record(
    tape: &mut Tape,
    product: Product,
    x: Operand,
    (weight, bias): (Value, Option<Value>),
    out: Value,
    residual: Option<Value>,
    dropout: Option<Dropout>,
) {
    let Product { rows, columns, inner, a, b: weights, .. } = product;
    for dispatch in product.dispatch() {
        tape.dispatch(dispatch);
    }
    let inputs: Vec<Value> = [x.source(), weight].into_iter().chain(bias).chain(residual).collect();
    tape.record("linear", &inputs, Some(out), move |b| {
        // out = residual + dropout(x·W + b)
        let masked = masked_gradient(b, out, dropout);
        let none = Product { bias: None, activation: None, pre: None, dropout: None, residual: None, ..product };
        // grad_W = xᵀ·grad_out, grad_b = Σ_rows grad_out
        let to_weight = b.target(weight);
        let grad_bias = bias.map(|v| (b.target(v).region, BiasAxis::Columns));
        let weight_product = Product {
            flavor: Flavor::TN,
            rows: inner,
            columns,
            inner: rows,
            a,
            a_stride: inner,
            b: masked,
            b_stride: columns,
            out: to_weight.region,
            out_stride: columns,
            grad_bias,
            accumulate: to_weight.accumulate,
            ..none.clone()
        };
        // grad_x = grad_out·Wᵀ, times the derivative where x is an activation
        let to_x = b.target(x.source());
        let (activation, pre) = match x {
            Operand::Plain(_) => (None, None),
            Operand::Activated { pre, activation, .. } => (Some(activation), Some(b.tape().data(pre))),
        };
        let input_product = Product {
            flavor: Flavor::NT,
            rows,
            columns: inner,
            inner: columns,
            a: masked,
            a_stride: columns,
            b: weights,
            b_stride: columns,
            out: to_x.region,
            out_stride: inner,
            activation,
            pre,
            accumulate: to_x.accumulate,
            ..none
        };
        for dispatch in weight_product.dispatch().into_iter().chain(input_product.dispatch()) {
            b.dispatch(dispatch);
        }
        if let Some(residual) = residual {
            let gradient = b.gradient(out);
            join_gradient(b, residual, gradient);
        }
    });
}
