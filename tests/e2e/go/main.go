// Runs every scenario with the official OpenAI SDK for Go; see ../test_sdk_others.py.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

func connect(url, key string) openai.Client {
	return openai.NewClient(option.WithBaseURL(url), option.WithAPIKey(key), option.WithMaxRetries(0),
		option.WithRequestTimeout(20*time.Second))
}

var (
	background = context.Background()
	client     = connect(os.Getenv("TRIAGE_BASE_URL"), os.Getenv("TRIAGE_KEY"))
	passing    = connect(os.Getenv("TRIAGE_PASSING_URL"), os.Getenv("TRIAGE_KEY"))
	parameters = map[string]any{
		"type":                 "object",
		"properties":           map[string]any{"city": map[string]any{"type": "string"}, "days": map[string]any{"type": "integer"}},
		"required":             []string{"city", "days"},
		"additionalProperties": false,
	}
)

func misbehave(what string) option.RequestOption { return option.WithHeader("x-simulate", what) }

func request(model string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Say hello to the tests.")},
	}
}

func requestWithTools() openai.ChatCompletionNewParams {
	wanted := request("auto")
	wanted.Tools = []openai.ChatCompletionToolUnionParam{
		openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{Name: "get_weather", Parameters: parameters}),
	}
	wanted.ToolChoice = openai.ToolChoiceOptionFunctionToolChoice(
		openai.ChatCompletionNamedToolChoiceFunctionParam{Name: "get_weather"})
	return wanted
}

func checkForecast(text string) error {
	var given struct {
		City *string `json:"city"`
		Days *int    `json:"days"`
	}
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	if given.City == nil || given.Days == nil {
		return fmt.Errorf("fields are missing: %q", text)
	}
	return nil
}

func checkTools(answer *openai.ChatCompletion) error {
	if len(answer.Choices) != 1 || len(answer.Choices[0].Message.ToolCalls) == 0 {
		return fmt.Errorf("no tool call: %s", answer.RawJSON())
	}
	call := answer.Choices[0].Message.ToolCalls[0].Function
	if call.Name != "get_weather" {
		return fmt.Errorf("called %q", call.Name)
	}
	return checkForecast(call.Arguments)
}

func content(answer *openai.ChatCompletion, err error) (string, error) {
	if err != nil {
		return "", err
	}
	if len(answer.Choices) != 1 || answer.Choices[0].Message.Content == "" {
		return "", fmt.Errorf("no content: %s", answer.RawJSON())
	}
	return answer.Choices[0].Message.Content, nil
}

func inFlight() (string, error) {
	answer, err := http.Get(os.Getenv("TRIAGE_ADMIN_URL") + "/metrics")
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	for _, line := range strings.Split(string(text), "\n") {
		if value, found := strings.CutPrefix(line, `triage_requests_in_flight{listener="gateway"} `); found {
			return value, nil
		}
	}
	return "", errors.Join(err, errors.New("no triage_requests_in_flight"))
}

func ends() error {
	for began := time.Now(); time.Since(began) < time.Second; time.Sleep(10 * time.Millisecond) {
		if value, err := inFlight(); err != nil || value == "0" {
			return err
		}
	}
	return errors.New("the request did not end within 1 s")
}

func fails(status int, code string, err error) error {
	var failure *openai.Error
	if !errors.As(err, &failure) {
		return fmt.Errorf("not an API error: %v", err)
	}
	if failure.StatusCode != status || failure.Message == "" || (code != "" && failure.Code != code) {
		return fmt.Errorf("got %d %q: %w", failure.StatusCode, failure.Code, err)
	}
	if failure.Response.Header.Get("x-request-id") == "" {
		return errors.New("no x-request-id")
	}
	if (status == 429 || status == 503) && failure.Response.Header.Get("retry-after") != "1" {
		return errors.New("no retry-after")
	}
	return nil
}

func providerError(status int) func() error {
	return func() error {
		_, err := client.Chat.Completions.New(background, request("auto"), misbehave(fmt.Sprintf("status=%d; retry-after=1", status)))
		return fails(status, "", err)
	}
}

func chat() error {
	_, err := content(client.Chat.Completions.New(background, request("auto")))
	return err
}

func accumulate(wanted openai.ChatCompletionNewParams, options ...option.RequestOption) (*openai.ChatCompletion, error) {
	stream := client.Chat.Completions.NewStreaming(background, wanted, options...)
	sum := openai.ChatCompletionAccumulator{}
	for stream.Next() {
		if !sum.AddChunk(stream.Current()) {
			return nil, fmt.Errorf("a chunk that does not fit: %s", stream.Current().RawJSON())
		}
	}
	return &sum.ChatCompletion, stream.Err()
}

func chatStreamed() error {
	streamed, err := content(accumulate(request("auto")))
	if err != nil {
		return err
	}
	whole, err := content(client.Chat.Completions.New(background, request("auto")))
	if err == nil && whole != streamed {
		err = fmt.Errorf("streamed %q, whole %q", streamed, whole)
	}
	return err
}

func tools() error {
	answer, err := client.Chat.Completions.New(background, requestWithTools())
	if err != nil {
		return err
	}
	return checkTools(answer)
}

func toolsStreamed() error {
	answer, err := accumulate(requestWithTools())
	if err != nil {
		return err
	}
	return checkTools(answer)
}

func jsonSchema() error {
	wanted := request("auto")
	wanted.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{
		OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
			Name: "forecast", Schema: parameters, Strict: openai.Bool(true)}},
	}
	text, err := content(client.Chat.Completions.New(background, wanted))
	if err != nil {
		return err
	}
	return checkForecast(text)
}

func image() error {
	url := "data:image/png;base64," + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 200_000))
	wanted := request("auto")
	wanted.Messages = []openai.ChatCompletionMessageParamUnion{openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
		openai.TextContentPart("What is this?"),
		openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: url}),
	})}
	_, err := content(client.Chat.Completions.New(background, wanted))
	return err
}

func embeddings() error {
	answer, err := client.Embeddings.New(background, openai.EmbeddingNewParams{
		Model: "sim-embedding",
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"one", "two"}},
	})
	if err == nil && (len(answer.Data) != 2 || len(answer.Data[0].Embedding) < 2) {
		err = fmt.Errorf("%d embeddings", len(answer.Data))
	}
	return err
}

func models() error {
	names := map[string]bool{}
	list := client.Models.ListAutoPaging(background)
	for list.Next() {
		names[list.Current().ID] = true
	}
	if list.Err() != nil || !names["auto"] || !names["sim-small"] {
		return fmt.Errorf("%v %w", names, list.Err())
	}
	model, err := client.Models.Get(background, "sim-small")
	if err == nil && model.ID != "sim-small" {
		err = fmt.Errorf("got %q", model.ID)
	}
	return err
}

func legacyCompletion() error {
	answer, err := client.Completions.New(background, openai.CompletionNewParams{
		Model:  "sim-small",
		Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String("Once upon a time")},
	})
	if err == nil && (len(answer.Choices) != 1 || answer.Choices[0].Text == "") {
		err = fmt.Errorf("no text: %s", answer.RawJSON())
	}
	return err
}

func wrongKey() error {
	stranger := connect(os.Getenv("TRIAGE_BASE_URL"), "wrong")
	_, err := stranger.Chat.Completions.New(background, request("auto"))
	return fails(401, "invalid_api_key", err)
}

// Long before 25 MB are sent.
func earlyAnswer() error {
	large := request("auto")
	large.Messages = []openai.ChatCompletionMessageParamUnion{openai.UserMessage(strings.Repeat("x", 25_000_000))}
	_, err := client.Chat.Completions.New(background, large)
	if err := fails(413, "body_too_large", err); err != nil {
		return err
	}
	stranger := connect(os.Getenv("TRIAGE_BASE_URL"), "wrong")
	_, err = stranger.Chat.Completions.New(background, large)
	return fails(401, "invalid_api_key", err)
}

func unknownModel() error {
	_, err := client.Chat.Completions.New(background, request("no-such-model"))
	return fails(404, "model_not_found", err)
}

func timeout() error {
	limited, cancel := context.WithTimeout(background, 500*time.Millisecond)
	defer cancel()
	_, err := client.Chat.Completions.New(limited, request("auto"), misbehave("delay-ms=5000"))
	if !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("expected a timeout, got %v", err)
	}
	return ends()
}

func cancelMidStream() error {
	limited, cancel := context.WithCancel(background)
	defer cancel()
	stream := client.Chat.Completions.NewStreaming(limited, request("auto"), misbehave("stall-after=2"))
	if !stream.Next() {
		return fmt.Errorf("nothing came: %w", stream.Err())
	}
	if value, err := inFlight(); err != nil || value != "1" {
		return fmt.Errorf("%s in flight: %w", value, err)
	}
	cancel()
	return ends()
}

func cutStream() error {
	answer, err := accumulate(request("auto"), misbehave("cut-after=3"))
	if err == nil {
		return errors.New("a cut stream looks complete")
	}
	if answer == nil || len(answer.Choices) == 0 || answer.Choices[0].FinishReason != "" {
		return fmt.Errorf("not a part of an answer: %w", err)
	}
	return nil
}

func fileUpload() error {
	upload, err := os.ReadFile(os.Getenv("TRIAGE_UPLOAD"))
	if err != nil {
		return err
	}
	file, err := passing.Files.New(background, openai.FileNewParams{
		File: openai.File(bytes.NewReader(upload), "notes.jsonl", "application/jsonl"), Purpose: openai.FilePurposeBatch})
	if err == nil && file.Bytes != int64(len(upload)) {
		err = fmt.Errorf("%d bytes arrived of %d", file.Bytes, len(upload))
	}
	return err
}

func speech() error {
	expected, err := os.ReadFile(os.Getenv("TRIAGE_SPEECH"))
	if err != nil {
		return err
	}
	answer, err := passing.Audio.Speech.New(background, openai.AudioSpeechNewParams{
		Model: "tts", Input: "Hello", Voice: openai.AudioSpeechNewParamsVoiceUnion{OfString: openai.String("alloy")}})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && !bytes.Equal(body, expected) {
		err = fmt.Errorf("%d bytes, %d expected", len(body), len(expected))
	}
	return err
}

func feedback() error {
	answer, err := client.Chat.Completions.New(background, request("auto"))
	if err != nil {
		return err
	}
	var told struct {
		Recorded bool `json:"recorded"`
	}
	said := map[string]any{"id": answer.ID, "thumb": "up"}
	if err := client.Post(background, "feedback", said, &told); err != nil || !told.Recorded {
		return fmt.Errorf("recorded %t: %w", told.Recorded, err)
	}
	return nil
}

func main() {
	scenarios := []struct {
		name string
		run  func() error
	}{
		{"chat", chat}, {"chat_streamed", chatStreamed}, {"tools", tools}, {"tools_streamed", toolsStreamed},
		{"json_schema", jsonSchema}, {"image", image}, {"embeddings", embeddings}, {"models", models},
		{"legacy_completion", legacyCompletion}, {"error_400", providerError(400)}, {"error_401", wrongKey},
		{"early_answer", earlyAnswer}, {"error_404", unknownModel}, {"error_429", providerError(429)}, {"error_500", providerError(500)},
		{"error_503", providerError(503)}, {"timeout", timeout}, {"cancel_mid_stream", cancelMidStream},
		{"cut_stream", cutStream}, {"file_upload", fileUpload}, {"speech", speech},
		{"feedback", feedback},
	}
	for _, scenario := range scenarios {
		detail := ""
		err := scenario.run()
		if err != nil {
			detail = err.Error()
		}
		line, _ := json.Marshal(map[string]any{"name": scenario.name, "ok": err == nil, "detail": detail})
		fmt.Println(string(line))
	}
}
