/**
 * In `_meta` of a question inside the gateway: the key under which a modern server asked it. It is kept towards a modern
 * client, who may bring the response with the first request.
 */
export const INPUT_KEY = 'sallyport/inputKey';
