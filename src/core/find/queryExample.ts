/** What a person is told of a search where it is asked for; apart, for the extension host does not search. */
export const QUERY_EXAMPLE = 'agent:claude cause:oom since:7d failed "words"';
