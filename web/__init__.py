"""The pages: server-rendered, in Swedish and English, over the same verbs and questions as the API."""
