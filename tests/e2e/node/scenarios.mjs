// Runs every scenario, or those named, with the official OpenAI SDK for Node; see ../test_sdk_others.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import OpenAI, { toFile } from 'openai';

const { TRIAGE_BASE_URL, TRIAGE_ADMIN_URL, TRIAGE_PASSING_URL, TRIAGE_KEY, TRIAGE_UPLOAD, TRIAGE_SPEECH } = process.env;
const options = { baseURL: TRIAGE_BASE_URL, apiKey: TRIAGE_KEY, maxRetries: 0, timeout: 20_000 };
const client = new OpenAI(options);
const passing = new OpenAI({ ...options, baseURL: TRIAGE_PASSING_URL });

const messages = [{ role: 'user', content: 'Say hello to the tests.' }];
const request = { model: 'auto', messages };
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
};
const withTools = {
  ...request,
  tools: [{ type: 'function', function: { name: 'get_weather', parameters } }],
  tool_choice: { type: 'function', function: { name: 'get_weather' } },
};
const misbehave = (what) => ({ headers: { 'x-simulate': what } });

function checkWeather(call) {
  assert.equal(call.function.name, 'get_weather');
  const given = JSON.parse(call.function.arguments);
  assert.equal(typeof given.city, 'string');
  assert.ok(Number.isInteger(given.days));
}

async function inFlight() {
  const text = await (await fetch(`${TRIAGE_ADMIN_URL}/metrics`)).text();
  return Number(/^triage_requests_in_flight\{listener="gateway"\} (\S+)$/m.exec(text)[1]);
}

async function ends() {
  const began = Date.now();
  while ((await inFlight()) !== 0) {
    assert.ok(Date.now() - began < 1000, 'the request did not end within 1 s');
    await new Promise((done) => setTimeout(done, 10));
  }
}

async function fails(kind, status, code, promise) {
  const error = await promise.then(() => assert.fail('no error'), (caught) => caught);
  assert.ok(error instanceof kind, `${error}`);
  assert.equal(error.status, status);
  if (code) assert.equal(error.code, code);
  assert.ok(error.requestID);
  assert.ok(error.error.message);
  return error;
}

const providerError = (status, kind) => async () => {
  const error = await fails(kind, status, null, client.chat.completions.create(request, misbehave(`status=${status}; retry-after=1`)));
  if (status === 429 || status === 503) assert.equal(error.headers.get('retry-after'), '1');
};

const scenarios = {
  async chat() {
    const { data, response } = await client.chat.completions.create(request).withResponse();
    assert.ok(data.choices[0].message.content);
    assert.ok(data.usage.total_tokens > 0);
    assert.ok(response.headers.get('x-request-id'));
  },
  async chat_streamed() {
    const whole = await client.chat.completions.create(request);
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
      text += chunk.choices[0].delta.content ?? '';
    }
    assert.equal(text, whole.choices[0].message.content);
  },
  async tools() {
    checkWeather((await client.chat.completions.create(withTools)).choices[0].message.tool_calls[0]);
  },
  async tools_streamed() {
    const answer = await client.chat.completions.stream(withTools).finalChatCompletion();
    checkWeather(answer.choices[0].message.tool_calls[0]);
  },
  async json_schema() {
    const format = { type: 'json_schema', json_schema: { name: 'forecast', strict: true, schema: parameters } };
    const answer = await client.chat.completions.parse({ ...request, response_format: format });
    assert.equal(typeof answer.choices[0].message.parsed.city, 'string');
  },
  async image() {
    const url = `data:image/png;base64,${Buffer.alloc(200_000, 7).toString('base64')}`;
    const content = [{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: { url } }];
    const answer = await client.chat.completions.create({ model: 'auto', messages: [{ role: 'user', content }] });
    assert.ok(answer.choices[0].message.content);
  },
  async embeddings() {
    const answer = await client.embeddings.create({ model: 'sim-embedding', input: ['one', 'two'] });
    assert.equal(answer.data.length, 2);
    assert.ok(answer.data[0].embedding.every(Number.isFinite) && answer.data[0].embedding.length > 1);
  },
  async models() {
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    assert.ok(names.includes('auto') && names.includes('sim-small'), names.join());
    assert.equal((await client.models.retrieve('sim-small')).id, 'sim-small');
  },
  async legacy_completion() {
    assert.ok((await client.completions.create({ model: 'sim-small', prompt: 'Once upon a time' })).choices[0].text);
  },
  error_400: providerError(400, OpenAI.BadRequestError),
  async error_401() {
    const stranger = new OpenAI({ ...options, apiKey: 'wrong' });
    await fails(OpenAI.AuthenticationError, 401, 'invalid_api_key', stranger.chat.completions.create(request));
  },
  async early_answer() {  // long before 25 MB are sent
    const large = { ...request, messages: [{ role: 'user', content: 'x'.repeat(25_000_000) }] };
    await fails(OpenAI.APIError, 413, 'body_too_large', client.chat.completions.create(large));
    const stranger = new OpenAI({ ...options, apiKey: 'wrong' });
    await fails(OpenAI.AuthenticationError, 401, 'invalid_api_key', stranger.chat.completions.create(large));
  },
  async error_404() {
    await fails(OpenAI.NotFoundError, 404, 'model_not_found', client.chat.completions.create({ ...request, model: 'no-such-model' }));
  },
  error_429: providerError(429, OpenAI.RateLimitError),
  error_500: providerError(500, OpenAI.InternalServerError),
  error_503: providerError(503, OpenAI.InternalServerError),
  async timeout() {
    const call = client.chat.completions.create(request, { ...misbehave('delay-ms=5000'), timeout: 500 });
    await assert.rejects(call, OpenAI.APIConnectionTimeoutError);
    await ends();
  },
  async cancel_mid_stream() {
    const stream = await client.chat.completions.create({ ...request, stream: true }, misbehave('stall-after=2'));
    for await (const chunk of stream) {
      assert.ok(chunk.id);
      assert.equal(await inFlight(), 1);
      stream.controller.abort();
      break;
    }
    await ends();
  },
  async cut_stream() {
    const stream = await client.chat.completions.create({ ...request, stream: true }, misbehave('cut-after=3'));
    let chunks = 0;
    await assert.rejects(async () => {
      for await (const chunk of stream) {
        assert.equal(chunk.choices[0].finish_reason ?? null, null);
        chunks += 1;
      }
    }, (error) => !(error instanceof assert.AssertionError));
    assert.ok(chunks > 0);
  },
  async file_upload() {
    const upload = fs.readFileSync(TRIAGE_UPLOAD);
    const file = await passing.files.create({ file: await toFile(upload, 'notes.jsonl'), purpose: 'batch' });
    assert.equal(file.bytes, upload.length);
  },
  async feedback() {
    const { data, response } = await client.chat.completions.create(request).withResponse();
    for (const id of [data.id, response.headers.get('x-request-id')]) {
      assert.deepEqual(await client.post('/feedback', { body: { id, thumb: 'up', comment: 'good' } }), { recorded: true });
    }
    await fails(OpenAI.NotFoundError, 404, 'request_not_found', client.post('/feedback', { body: { id: 'unknown', thumb: 'up' } }));
  },
  async speech() {
    const answer = await passing.audio.speech.create({ model: 'tts', voice: 'alloy', input: 'Hello' });
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(fs.readFileSync(TRIAGE_SPEECH)));
  },
};

const wanted = process.argv.slice(2);
for (const [name, scenario] of Object.entries(scenarios)) {
  if (wanted.length && !wanted.includes(name)) continue;
  let detail = '';
  let ok = true;
  try {
    await scenario();
  } catch (error) {
    ok = false;
    detail = `${error?.stack ?? error}`;
  }
  console.log(JSON.stringify({ name, ok, detail }));
}
process.exit(0);
