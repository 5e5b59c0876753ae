// Snippet: the linear number of a workgroup in a grid that tape::grid folded into x and y.
fn group_index(group: vec3<u32>, groups: vec3<u32>) -> u32 {
    return group.y * groups.x + group.x;
}
