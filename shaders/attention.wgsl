// Snippet: multi-head attention, grouped-query and causal where asked: what attention_direct and attention_staged share.
// out_i = Σ_j P_ij · D_ij · v_j;  P_ij = exp(q_i · k_j · scale − L_i);  L_i = log Σ_j exp(q_i · k_j · scale), over the keys j
// that query i sees;  scale = 1 / √HEAD_DIM;  D the dropout scale of element ((b · heads + h) · seq + i) · seq + j.
// grad_v_j = Σ_i D_ij · P_ij · grad_out_i;  dS_ij = P_ij · (D_ij · (grad_out_i · v_j) − delta_i) · scale;
// delta_i = grad_out_i · out_i;  grad_q_i = Σ_j dS_ij · k_j;  grad_k_j = Σ_i dS_ij · q_i.
// (Rabe and Staats 2021; Dao et al. 2022: nothing of seq² is stored, P is computed again from L.)
// qkv, grad_qkv [batch, seq, (heads + 2 · kv_heads) · HEAD_DIM]: all q, all k, all v, head-major in each; out, grad_out
// [batch, seq, heads · HEAD_DIM]; log_sum_exp, delta [batch, heads, seq]; weights [seq, seq].
// Needs index, step, dropout, and attention_vector or attention_scalar for the loads.
struct Params {
    batch: u32,
    seq: u32,
    heads: u32,
    kv_heads: u32,
    head: u32, // weights alone
    site: u32,
    rate: f32,
    scale: f32,
}
override CAUSAL: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read_write> log_sum_exp_out: array<f32>;
@group(0) @binding(6) var<storage, read> log_sum_exp: array<f32>;
@group(0) @binding(8) var<storage, read_write> delta_out: array<f32>;
@group(0) @binding(9) var<storage, read> delta: array<f32>;
@group(0) @binding(11) var<storage, read_write> weights: array<f32>;

// A score that is not there. exp(HIDDEN - L) is 0, and unlike an infinity it leaves no NaN behind when subtracted.
const HIDDEN: f32 = -1e30;

// First word of a query, key or value, and of a row of out.
fn query_at(b: u32, head: u32, i: u32) -> u32 {
    return ((b * params.seq + i) * (params.heads + 2u * params.kv_heads) + head) * HEAD_DIM;
}
fn key_at(b: u32, kv_head: u32, j: u32) -> u32 {
    return query_at(b, params.heads + kv_head, j);
}
fn value_at(b: u32, kv_head: u32, j: u32) -> u32 {
    return query_at(b, params.heads + params.kv_heads + kv_head, j);
}
fn out_at(b: u32, head: u32, i: u32) -> u32 {
    return ((b * params.seq + i) * params.heads + head) * HEAD_DIM;
}
fn statistic_at(b: u32, head: u32, i: u32) -> u32 {
    return (b * params.heads + head) * params.seq + i;
}
fn kv_head_of(head: u32) -> u32 {
    return head / (params.heads / params.kv_heads);
}

const FOUR: vec4<u32> = vec4<u32>(0u, 1u, 2u, 3u);

// Which queries see which keys. Rows beyond the last are computed and not stored; keys beyond it are hidden.
fn sees(i: vec4<u32>, j: vec4<u32>) -> vec4<bool> {
    if (CAUSAL) {
        return (j <= i) & (j < vec4<u32>(params.seq));
    }
    return j < vec4<u32>(params.seq);
}

// D of one query and four keys from j on.
fn dropout_of_query(key: u32, series: u32, i: u32, j: u32) -> vec4<f32> {
    return dropout_scale4(key, (series * params.seq + i) * params.seq + j, params.rate);
}

// D of one key and four queries from i on.
fn dropout_of_key(key: u32, series: u32, i: u32, j: u32) -> vec4<f32> {
    let at = (series * params.seq + i) * params.seq + j;
    return vec4<f32>(
        dropout_scale(key, at, params.rate),
        dropout_scale(key, at + params.seq, params.rate),
        dropout_scale(key, at + 2u * params.seq, params.rate),
        dropout_scale(key, at + 3u * params.seq, params.rate),
    );
}
