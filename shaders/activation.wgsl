// Snippet: elementwise nonlinearities and their derivatives.
override ACTIVATION: u32 = 0u; // config::Activation::code; 0 none

// Error function, |error| < 1.5e-7 (Abramowitz and Stegun, 7.1.26).
fn erf4(x: vec4<f32>) -> vec4<f32> {
    let a = abs(x);
    let t = 1.0 / (1.0 + 0.3275911 * a);
    let poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return sign(x) * (1.0 - poly * exp(-a * a));
}

// tanh is NaN from |x| = 89 on in some drivers; beyond 15 it is 1 in f32.
fn tanh4(x: vec4<f32>) -> vec4<f32> {
    return tanh(clamp(x, vec4<f32>(-15.0), vec4<f32>(15.0)));
}

fn sigmoid4(x: vec4<f32>) -> vec4<f32> {
    return 1.0 / (1.0 + exp(-clamp(x, vec4<f32>(-80.0), vec4<f32>(80.0))));
}

fn activate(x: vec4<f32>) -> vec4<f32> {
    switch ACTIVATION {
        case 1u: { return max(x, vec4<f32>(0.0)); }
        // x Φ(x)
        case 2u: { return 0.5 * x * (1.0 + erf4(x * 0.70710678)); }
        // ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))
        case 3u: { return 0.5 * x * (1.0 + tanh4(0.79788456 * (x + 0.044715 * x * x * x))); }
        case 4u: { return x * sigmoid4(x); }
        case 5u: { let r = max(x, vec4<f32>(0.0)); return r * r; }
        default: { return x; }
    }
}

fn activate_derivative(x: vec4<f32>) -> vec4<f32> {
    switch ACTIVATION {
        case 1u: { return select(vec4<f32>(0.0), vec4<f32>(1.0), x > vec4<f32>(0.0)); }
        // Φ(x) + x φ(x)
        case 2u: { return 0.5 * (1.0 + erf4(x * 0.70710678)) + x * 0.39894228 * exp(-0.5 * x * x); }
        case 3u: {
            let t = tanh4(0.79788456 * (x + 0.044715 * x * x * x));
            return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.79788456 * (1.0 + 0.134145 * x * x);
        }
        case 4u: { let s = sigmoid4(x); return s * (1.0 + x * (1.0 - s)); }
        case 5u: { return 2.0 * max(x, vec4<f32>(0.0)); }
        default: { return vec4<f32>(1.0); }
    }
}
