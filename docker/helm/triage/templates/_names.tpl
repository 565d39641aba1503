{{- define "triage.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "triage.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "triage.labels" -}}
{{ include "triage.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* Where the gateway listens, by its configuration. */ -}}
{{- define "triage.listen" -}}
{{- if not (kindIs "string" .Values.config) }}
{{- fail "config is a map, whose order Helm does not keep: give it as text, with --set-file config=triage.yaml or `config: |`" }}
{{- end }}
{{- if not .Values.config }}
{{- fail "config is empty: give the gateway's configuration, with --set-file config=triage.yaml or as example-values.yaml does" }}
{{- end }}
{{- $config := fromYaml .Values.config }}
{{- with $config.Error }}{{ fail (printf "config: %s" .) }}{{ end }}
{{- $address := dig "listen" "address" "" $config }}
{{- if or (not (contains ":" $address)) (hasPrefix "127." $address) (hasPrefix "localhost:" $address) (hasPrefix "[::1]" $address) }}
{{- fail (printf "config: listen.address is %q, which no other pod reaches; say \"0.0.0.0:8080\"" $address) }}
{{- end }}
{{- $address }}
{{- end }}

{{- define "triage.admin" -}}
{{ ternary "0.0.0.0" "127.0.0.1" .Values.metrics.exposed }}:{{ .Values.metrics.port }}
{{- end }}

{{- define "triage.probe" -}}
[triage, health, --admin, "127.0.0.1:{{ .Values.metrics.port }}"]
{{- end }}
